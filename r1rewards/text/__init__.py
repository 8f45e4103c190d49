"""Pure, linear-time scanners over hostile text; nothing here imports anything of ours."""
