"""The roster against the stand-in for GitHub: real client, real jobs, real processes."""
