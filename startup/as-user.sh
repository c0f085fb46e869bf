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
DATASETS_FOLDER="data"        # where the datasets stand, below the home
DATASETS_LIMIT_S=15           # for those that are copied; the next start goes on
# -------------------------------------------------------------------------------------------------

set -u
shared_root="${GROWTH_SHARED_ROOT:-/nfs}"
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

bring_datasets() {
    # Links and copies, whatever each dataset is published as; growth-data never touches what the
    # student wrote, and leaves the receipt that the organisers' table shows.
    local library="${GROWTH_CHAIN_LIB:-/usr/local/lib/growth-admin}"
    if [ ! -f "${library}/growth-data" ]; then
        echo "datasets: growth-data is not in this image, so there are links only, no receipt" >&2
        link_datasets
        return 1
    fi
    python3 -I -S "${library}/growth-data" --folder "${DATASETS_FOLDER}" \
        --limit "${DATASETS_LIMIT_S}"
}

link_datasets() {
    # For an image without growth-data: a link where nothing stands yet.
    local dataset link
    mkdir -p "${HOME}/${DATASETS_FOLDER}" || return 1
    for dataset in "${shared_root}/data"/*; do
        link="${HOME}/${DATASETS_FOLDER}/$(basename "${dataset}")"
        if [ -e "${dataset}" ] && [ ! -e "${link}" ] && [ ! -L "${link}" ]; then
            ln -s "${dataset}" "${link}" || return 1
        fi
    done
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
step "datasets" bring_datasets
step "notebooks" pull_notebooks
[ "${failures}" -eq 0 ]
