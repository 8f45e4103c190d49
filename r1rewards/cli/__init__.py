"""The command line; thin, the work is in the rooms below."""
