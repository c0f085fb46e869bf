#!/bin/bash
case "$(cat "$HOME/.bashrc" 2>/dev/null)" in
    *school-env*) ;;
    *) echo '. /nfs/misc/school-env.sh' >> "$HOME/.bashrc" ;;
esac
