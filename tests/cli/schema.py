"""Validates documents against a schema with an implementation that is not ours.

Reads {"schema": …, "documents": [[name, value], …]} and prints the names of those that are not valid, with the first reason, one a line.
"""

import json
import sys

import jsonschema

given = json.load(sys.stdin)
jsonschema.Draft202012Validator.check_schema(given["schema"])
validator = jsonschema.Draft202012Validator(given["schema"])
for name, value in given["documents"]:
    error = jsonschema.exceptions.best_match(validator.iter_errors(value))
    if error is not None:
        print(name, "/".join(map(str, error.absolute_path)), error.message.replace("\n", " ")[:200], sep="\t")
