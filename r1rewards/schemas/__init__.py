"""Is a JSON value valid under a schema? Decided in killable workers, since a schema's patterns can run for ever."""
