"""Reads the rows of a Parquet file; the only file that imports the optional package pyarrow."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from r1rewards.errors import MissingExtra, RowError, UsageError

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
    import pyarrow.types as kinds
except ImportError:
    raise MissingExtra("reading .parquet files", "pyarrow", "parquet") from None

_BATCH_ROWS = 256
_STREAM_BUFFER_BYTES = 1 << 20  # without it pyarrow takes in whole column chunks


def parquet_rows(path: str) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield each row as JSON-able values, with its share of its batch's bytes.

    Dates become ISO text, decimals their digits, durations seconds, and binary cells text where they are
    UTF-8 (Spark writes strings so), else base64.

    Args:
        path: The file.

    Raises:
        UsageError: It is not a Parquet file, or two of its columns have one name.
        RowError: It is damaged further on.
    """
    row = 0
    try:
        file = pq.ParquetFile(path, buffer_size=_STREAM_BUFFER_BYTES, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise UsageError(f"cannot read {path!r} as Parquet: {_first_line(error)}") from None
    with file:
        schema = file.schema_arrow
        names = list(schema.names)
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise UsageError(f"cannot read {path!r}: two columns are named {doubled[0]!r}; rename one")
        foreign = [name for name in names if not _is_plain(schema.field(name).type)]
        batches = file.iter_batches(batch_size=_BATCH_ROWS, use_threads=False)
        while True:
            try:
                batch = next(batches, None)
                if batch is None:
                    return
                rows = batch.to_pylist()
                size_bytes = batch.nbytes // max(1, len(rows))
            except (pa.ArrowException, OSError, ValueError) as error:
                raise RowError(
                    f"the Parquet data is damaged ({_first_line(error)}); fetch or write the file again",
                    file=path,
                    line=row + 1,
                ) from None
            for values in rows:
                for name in foreign:
                    values[name] = _plain(values[name])
                row += 1
                yield values, size_bytes


def _is_plain(kind: Any) -> bool:
    """Return whether all values of a type come as str, int, float, bool, None, lists and dicts of them."""
    if kinds.is_struct(kind):
        return all(_is_plain(kind.field(number).type) for number in range(kind.num_fields))
    if kinds.is_list(kind) or kinds.is_large_list(kind) or kinds.is_fixed_size_list(kind):
        return _is_plain(kind.value_type)
    if kinds.is_dictionary(kind):
        return _is_plain(kind.value_type)
    is_text = kinds.is_string(kind) or kinds.is_large_string(kind)
    is_number = kinds.is_integer(kind) or kinds.is_float32(kind) or kinds.is_float64(kind)
    return bool(is_text or is_number or kinds.is_boolean(kind) or kinds.is_null(kind))


def _plain(value: Any) -> Any:
    """Return a cell as JSON can hold it."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return base64.b64encode(value).decode("ascii")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return format(value, "f")
    return float(value) if hasattr(value, "__float__") else str(value)


def _first_line(error: BaseException) -> str:
    """Return the first line of what pyarrow said."""
    return (str(error).splitlines() or [type(error).__name__])[0]
