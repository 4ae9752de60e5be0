"""The command line's commands: each calls what the app calls, and prints."""
