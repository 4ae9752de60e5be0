"""Reading the schema of a live database through SQLAlchemy. Only the database's own catalogs are read, never a row."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from vgpt_probe.catalog.model import Column, ForeignKey, Kind, Relation, module_of
from vgpt_probe.catalog.normal import Skipped, SourceReading
from vgpt_probe.catalog.plain import normal_type
from vgpt_probe.errors import CatalogError
from vgpt_probe.files import is_file

if TYPE_CHECKING:
    from sqlalchemy.engine import URL, Engine
    from sqlalchemy.engine.reflection import Inspector

#: SQLAlchemy's names for databases → sqlglot's for their dialects.
DIALECTS = {"mssql": "tsql", "postgresql": "postgres", "mariadb": "mysql"}
#: The driver that a URL means which names none, and the package that holds it.
DRIVERS = {
    "mssql": ("pyodbc", "pyodbc"),
    "postgresql": ("psycopg", "psycopg[binary]"),
    "mysql": ("pymysql", "pymysql"),
    "mariadb": ("pymysql", "pymysql"),
    "oracle": ("oracledb", "oracledb"),
}
#: The schemas of the databases themselves; SQL Server lists one for each of its fixed roles.
_SYSTEM = frozenset(
    (
        *("information_schema", "pg_catalog", "sys", "mysql", "performance_schema", "guest"),
        *("db_owner", "db_accessadmin", "db_securityadmin", "db_ddladmin", "db_backupoperator"),
        *("db_datareader", "db_datawriter", "db_denydatareader", "db_denydatawriter"),
    )
)


class DatabaseReading(SourceReading, frozen=True):
    """What a database gave; ``dialect`` and ``default_schema`` are its own."""

    dialect: str = ""
    default_schema: str = ""


def is_url(source: str) -> bool:
    """Say whether a source is a database URL and no path: ``postgresql+psycopg://…``, ``sqlite:///…``."""
    return "://" in source


def shown(url: str) -> str:
    """The URL without its password."""
    return _url(url).render_as_string(hide_password=True)


def read_database(
    url: str, *, schemas: Iterable[str] = (), say: Callable[[str], None] = lambda _text: None
) -> DatabaseReading:
    """Read tables, views, columns, primary and foreign keys and comments of all schemas, or of those named.

    ``say`` is told what is read. The connection is read-only where the database knows how. Raises ``CatalogError``
    when SQLAlchemy or the driver is missing, or the database cannot be reached or read.
    """
    engine = _engine(url)
    from sqlalchemy import inspect
    from sqlalchemy.exc import SQLAlchemyError

    skipped: list[Skipped] = []
    try:
        with engine.connect() as connection:
            inspector = inspect(connection)
            default = inspector.default_schema_name or ""
            dialect = DIALECTS.get(engine.dialect.name, engine.dialect.name)
            found = sorted(set(schemas)) or _schemas(inspector, default)
            relations: list[Relation] = []
            for schema in found:
                say(f"reading tables, views, columns, keys and comments of schema '{schema or 'main'}'")
                relations += _relations(inspector, schema, dialect, default, skipped)
    except (SQLAlchemyError, OSError) as fault:
        raise CatalogError(_reason(fault), where=shown(url), mend="check host, name and rights") from None
    finally:
        engine.dispose()
    if not relations:
        raise CatalogError(
            "the database shows no tables", where=shown(url), mend=f"schemas read: {', '.join(found) or 'none'}"
        )
    return DatabaseReading("database", relations, skipped, dialect=dialect, default_schema=default or "main")


def _url(url: str) -> URL:
    try:
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError
    except ImportError:
        raise CatalogError(
            "reading a database needs SQLAlchemy", mend="pip install 'vgpt-probe[database]'"
        ) from None
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        # The text may hold a password: it is not repeated.
        raise CatalogError(
            "this is no database URL",
            mend="it looks like postgresql+psycopg://user:password@host/database or sqlite:///file.db",
        ) from None


def _engine(url: str) -> Engine:
    made = _url(url)
    from sqlalchemy import create_engine
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    name = made.get_backend_name()
    if made.drivername == name and name in DRIVERS:
        made = made.set(drivername=f"{name}+{DRIVERS[name][0]}")
    options: dict[str, Any] = {}
    if name == "sqlite":
        _check_sqlite(made)
        # SQLite makes a file that is not there; opened as read-only it never does.
        file = "file:" + (made.database or "").replace("%", "%25").replace("?", "%3f").replace("#", "%23")
        made = made.set(database=f"{file}?mode=ro", query={"uri": "true"})
    elif name == "postgresql":
        options["execution_options"] = {"postgresql_readonly": True}
    elif name == "mssql":
        # One of the isolation levels that takes no locks on what others write.
        options["isolation_level"] = "READ UNCOMMITTED"
    try:
        return create_engine(made, **options)
    except ModuleNotFoundError as fault:
        what = f"the driver '{fault.name}' is not installed"
        package = DRIVERS[name][1] if name in DRIVERS and DRIVERS[name][0] == fault.name else fault.name
        raise CatalogError(what, where=shown(url), mend=f"pip install '{package}'") from None
    except (NoSuchModuleError, ArgumentError, TypeError) as fault:
        raise CatalogError(_reason(fault), where=shown(url), mend="see SQLAlchemy's list of dialects") from None


def _check_sqlite(url: URL) -> None:
    from pathlib import Path

    name = url.database or ""
    if not name or name == ":memory:":
        raise CatalogError("a database in memory holds nothing", mend="give a file: sqlite:///file.db")
    if not is_file(Path(name)):
        raise CatalogError("no such file", where=name, mend="sqlite:///relative.db or sqlite:////absolute.db")


def _schemas(inspector: Inspector, default: str) -> list[str]:
    names = inspector.get_schema_names()
    own = [name for name in names if name.lower() not in _SYSTEM]
    if inspector.dialect.name in ("mysql", "mariadb", "oracle"):
        # There a schema is a database (or a user), and the URL named one.
        return [default]
    return own or [default]


def _relations(
    inspector: Inspector, schema: str, dialect: str, default: str, skipped: list[Skipped]
) -> list[Relation]:
    from sqlalchemy.engine.reflection import ObjectKind, ObjectScope
    from sqlalchemy.exc import SQLAlchemyError

    def gather(what: str, read: Callable[..., Any]) -> dict[str, Any]:
        try:
            found = read(schema=schema, kind=ObjectKind.ANY, scope=ObjectScope.DEFAULT)
            return {name: value for (_, name), value in found.items()}
        except (SQLAlchemyError, NotImplementedError) as fault:
            # Comments are not known everywhere; rights may be missing for keys alone.
            if not isinstance(fault, NotImplementedError):
                skipped.append(Skipped(0, f"{what} of schema '{schema}': {_reason(fault)}"))
            return {}

    views = set(inspector.get_view_names(schema=schema))
    with contextlib.suppress(NotImplementedError):
        views |= set(inspector.get_materialized_view_names(schema=schema))
    names = sorted({*inspector.get_table_names(schema=schema), *views})
    columns = inspector.get_multi_columns(schema=schema, kind=ObjectKind.ANY, scope=ObjectScope.DEFAULT)
    by_name = {name: value for (_, name), value in columns.items()}
    keys = gather("primary keys", inspector.get_multi_pk_constraint)
    foreign = gather("foreign keys", inspector.get_multi_foreign_keys)
    comments = gather("comments", inspector.get_multi_table_comment)
    own = schema or default or "main"
    made = []
    for name in names:
        kind: Kind = "view" if name in views else "table"
        listed = tuple(
            Column(
                column["name"],
                _type(column["type"], inspector, dialect),
                bool(column["nullable"]) if column.get("nullable") is not None else None,
                column.get("comment") or None,
            )
            for column in by_name.get(name, ())
        )
        made.append(
            Relation(
                name=name,
                schema=own,
                kind=kind,
                description=" ".join(((comments.get(name) or {}).get("text") or "").split()) or None,
                module=module_of(name),
                columns=listed,
                key=tuple((keys.get(name) or {}).get("constrained_columns") or ()),
                columns_complete=bool(listed),
                references=tuple(
                    ForeignKey(
                        tuple(one["constrained_columns"]),
                        f"{one.get('referred_schema') or own}.{one['referred_table']}",
                        tuple(one["referred_columns"]),
                    )
                    for one in foreign.get(name) or ()
                ),
            )
        )
    return made


def _type(kind: Any, inspector: Inspector, dialect: str) -> str | None:
    from sqlalchemy.exc import CompileError

    try:
        text = kind.compile(dialect=inspector.dialect)
    except CompileError:
        # A type of an extension that SQLAlchemy does not know.
        return None
    return None if text in ("NULL", "NULLTYPE") else normal_type(text, dialect)


def _reason(fault: BaseException) -> str:
    """The first line of what a driver says, without the statement that SQLAlchemy adds."""
    origin = getattr(fault, "orig", None) or fault
    lines = [line.strip() for line in str(origin).splitlines() if line.strip()]
    return lines[0] if lines else type(fault).__name__
