"""Where data comes from: Google Drive, the web, Zenodo, a path on the hub."""
