"""A container registry, asked over the API of the OCI distribution specification."""
