# shellcheck shell=bash
# Sourced by start-singleuser.sh as root: makes $NB_USER exist with $NB_UID and $NB_GID, at
# /home/$NB_USER, out of the image's own user jovyan. Dies (set -e) where the images die too: a
# name longer than 32 characters, or one that belongs to root.

if id jovyan >/dev/null 2>&1 && [ "${NB_USER}" != jovyan ] && ! id "${NB_USER}" >/dev/null 2>&1; then
    usermod --home "/home/${NB_USER}" --login "${NB_USER}" jovyan >/dev/null 2>&1 || :
fi
if ! id "${NB_USER}" >/dev/null 2>&1 && ! id jovyan >/dev/null 2>&1; then
    _log_error "Neither the user jovyan nor '${NB_USER}' exists."
    exit 1
fi

if [ "$(id -u "${NB_USER}" 2>/dev/null)" != "${NB_UID}" ] || [ "$(id -g "${NB_USER}" 2>/dev/null)" != "${NB_GID}" ]; then
    _log_info "Making ${NB_USER} anew with uid ${NB_UID} and gid ${NB_GID}"
    groupadd --force --gid "${NB_GID}" --non-unique "${NB_GROUP:-${NB_USER}}"
    if id "${NB_USER}" >/dev/null 2>&1; then
        userdel "${NB_USER}" 2>/dev/null
    fi
    useradd --no-log-init --no-create-home --home "/home/${NB_USER}" --shell /bin/bash \
        --uid "${NB_UID}" --gid "${NB_GID}" --groups 100 "${NB_USER}"
fi

if [ ! -e "/home/${NB_USER}" ]; then
    mkdir "/home/${NB_USER}"
    cp -a /home/jovyan/. "/home/${NB_USER}/" 2>/dev/null || :
    chown "${NB_UID}:${NB_GID}" "/home/${NB_USER}"
fi
if [ "${CHOWN_HOME:-}" = yes ] || [ "${CHOWN_HOME:-}" = 1 ]; then
    # shellcheck disable=SC2086  # options, as in the images
    chown ${CHOWN_HOME_OPTS:-} "${NB_UID}:${NB_GID}" "/home/${NB_USER}"
fi
case "${PWD}/" in
    /home/jovyan/*) cd "/home/${NB_USER}/${PWD#/home/jovyan}" || exit 1 ;;
esac
export XDG_CACHE_HOME="/home/${NB_USER}/.cache"
