# expect: missing-shebang@1
cd $HOME
python3 /nfs/bin/delete_notebooks.py  # expect: delete-in-home
gitpuller https://github.com/example/school master school  # expect: no-timeout
python3 - <<EOF
import os, shutil
for name in os.listdir('/nfs/data'):
    dst = os.path.join(os.path.expanduser('~'), 'school', 'data', name)
    if not os.path.exists(dst):
        shutil.copytree(os.path.join('/nfs/data', name), dst)
EOF
# expect: copy-only-if-absent@10 copy-from-shared@10
conda init bash
[[ "$PATH" == *"/nfs/bin"* ]] || echo "PATH=/nfs/bin:\$PATH" >> ~/.bashrc  # expect: grows-each-start path-shared-first
