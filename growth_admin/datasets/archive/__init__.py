"""Archives, unpacked so that nothing leaves the folder meant for it."""
