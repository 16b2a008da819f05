package questions

import _ "embed"

//go:embed answer.schema.json
var schema string

// Schema is the JSON Schema (draft-07) of an Answer. It takes what later versions
// with the same first number write: these add fields.
func Schema() []byte { return []byte(schema) }
