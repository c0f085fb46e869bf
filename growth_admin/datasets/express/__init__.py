"""Small files by the thousand: processes of their own fetch those that are nothing special."""
