#!/bin/bash
# Runs as the student, in the student's home, before the server starts, for at most
# GROWTH_START_LIMIT_S seconds. What it prints, and its exit code, stand in the table "what every
# start did". Edit this file in the start scripts panel.
#
# Each step can run at every start: it adds what is missing, never deletes or replaces a file that
# it did not make, and a step that fails does not stop the next.

# ---- for your school ----------------------------------------------------------------------------
NOTEBOOKS_REPOSITORY=""       # e.g. https://github.com/your-school/notebooks ; empty: no notebooks
NOTEBOOKS_BRANCH="main"
NOTEBOOKS_FOLDER="notebooks"  # below the student's home
NOTEBOOKS_LIMIT_S=40          # give up after so many seconds; the next start goes on
DATASETS_FOLDER="data"        # where the links to the datasets stand, below the home
# -------------------------------------------------------------------------------------------------

set -u
shared_root="${GROWTH_SHARED_ROOT:-/nfs}"
receipts="${HOME}/.local/share/growth-admin"
failures=0

step() {
    # Run one step and report it; a failure is counted, and told by the exit code at the end.
    local name="$1"
    shift
    if "$@"; then
        echo "${name}: ok"
    else
        echo "${name}: failed" >&2
        failures=$((failures + 1))
    fi
}

pull_notebooks() {
    # nbgitpuller keeps what the student has changed: upstream's changes are merged around it.
    [ -n "${NOTEBOOKS_REPOSITORY}" ] || return 0
    if ! command -v gitpuller >/dev/null; then
        echo "notebooks: nbgitpuller is not in this image" >&2
        return 1
    fi
    timeout -k 2 "${NOTEBOOKS_LIMIT_S}" gitpuller "${NOTEBOOKS_REPOSITORY}" \
        "${NOTEBOOKS_BRANCH}" "${HOME}/${NOTEBOOKS_FOLDER}"
}

link_datasets() {
    # Links, not copies: they cost a home nothing and show a new version at once. The receipt says
    # what was linked; only links that point into the datasets' folder are ever touched.
    local source="${shared_root}/data" folder="${HOME}/${DATASETS_FOLDER}"
    local receipt="${receipts}/datasets.tsv" dataset link name result=0
    [ -d "${source}" ] || return 0
    mkdir -p "${folder}" "${receipts}" || return 1
    for link in "${folder}"/*; do
        if [ -L "${link}" ] && [ ! -e "${link}" ]; then
            case "$(readlink "${link}")" in
                "${source}"/*) rm -- "${link}" ;; # its dataset was withdrawn
            esac
        fi
    done
    : >"${receipt}.new" || return 1
    for dataset in "${source}"/*; do
        [ -e "${dataset}" ] || continue
        name="$(basename "${dataset}")"
        link="${folder}/${name}"
        if [ ! -e "${link}" ] && [ ! -L "${link}" ]; then
            ln -s "${dataset}" "${link}" || result=1
        elif [ "$(readlink "${link}")" != "${dataset}" ]; then
            echo "datasets: ${link} is the student's own, left alone"
            continue
        fi
        printf '%s\t%s\t%s\n' "${name}" "${dataset}" "$(cd "${dataset}" 2>/dev/null && pwd -P)" \
            >>"${receipt}.new"
    done
    mv "${receipt}.new" "${receipt}" || return 1
    return "${result}"
}

put_tools_on_path() {
    # Last on PATH, so that a sick mount cannot hang every command; in a marked block, once.
    local mark="# growth-admin: the school's tools" file="${HOME}/.bashrc"
    if ! grep -qsF "${mark}" "${file}"; then
        # The single quotes are meant: PATH is looked at by each shell that starts.
        # shellcheck disable=SC2016
        printf '\n%s\ncase ":${PATH}:" in *":%s/bin:"*) ;; *) PATH="${PATH}:%s/bin" ;; esac\n' \
            "${mark}" "${shared_root}" "${shared_root}" >>"${file}" || return 1
    fi
    # A terminal in JupyterLab is a login shell: without one of these it reads no .bashrc.
    if [ ! -e "${HOME}/.bash_profile" ] && [ ! -e "${HOME}/.bash_login" ] \
        && [ ! -e "${HOME}/.profile" ]; then
        # shellcheck disable=SC2016
        echo '[ -z "${BASH_VERSION:-}" ] || [ ! -f ~/.bashrc ] || . ~/.bashrc' >"${HOME}/.profile"
    fi
}

step "tools on PATH" put_tools_on_path
step "datasets" link_datasets
step "notebooks" pull_notebooks
[ "${failures}" -eq 0 ]
