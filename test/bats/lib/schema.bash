# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Output against its schema, by a validator that is not ours.

# schema_holds SCHEMA CHANGE FILE…: all files are as the schema says; and after CHANGE, a statement of Python that breaks
# the first one, in `broken`, it is not: a schema that takes anything holds nothing.
schema_holds() {
        need python3
        python3 - "$@" << 'END'
import json, sys
import jsonschema
schema, change, names = json.load(open(sys.argv[1])), sys.argv[2], sys.argv[3:]
jsonschema.Draft4Validator.check_schema(schema)
for name in names:
    jsonschema.validate(json.load(open(name)), schema, cls=jsonschema.Draft4Validator)
broken = json.load(open(names[0]))
exec(change)
try:
    jsonschema.validate(broken, schema, cls=jsonschema.Draft4Validator)
    sys.exit('the schema takes anything')
except jsonschema.ValidationError:
    pass
END
}
