"""Reads JSON lines {"sql": …} and writes what sqlglot's T-SQL parser finds in each, for scripts/second-parsers.ts."""

import json
import sys

import sqlglot
from sqlglot import exp

for line in sys.stdin:
    try:
        trees = sqlglot.parse(json.loads(line)["sql"], read="tsql")
    except sqlglot.errors.SqlglotError as error:
        print(json.dumps({"error": str(error).split("\n")[0]}))
        continue
    [tree] = [one for one in trees if one is not None]
    if not isinstance(tree, exp.Select):
        print(json.dumps({"error": f"read as {tree.key}"}))
        continue
    group, order = tree.args.get("group"), tree.args.get("order")
    found = {
        "tables": sorted({table.name.lower() for table in tree.find_all(exp.Table)}),
        "items": len(tree.expressions),
        "joins": len(tree.args.get("joins") or []),
        "where": tree.args.get("where") is not None,
        "groupBy": len(group.expressions) if group else 0,
        "orderBy": len(order.expressions) if order else 0,
        "distinct": tree.args.get("distinct") is not None,
        "columns": len(list(tree.find_all(exp.Column))),
    }
    print(json.dumps(found))
