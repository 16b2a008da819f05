package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"sigs.k8s.io/yaml"
)

// stateFormat is the version of the document that this package reads and writes.
const stateFormat = 1

// Parse reads a state or a seed from YAML or JSON. Unknown and repeated keys are
// errors. Whether it holds together (principals, levels, privileges) is checked
// by New.
func Parse(data []byte) (*State, error) {
	st := &State{}
	trimmed := bytes.TrimSpace(data)
	if len(trimmed) == 0 {
		return nil, errors.New("sandbox state: the document is empty")
	}
	var err error
	if trimmed[0] == '{' && json.Valid(trimmed) {
		err = decodeStrict(trimmed, st) // a large state is read much faster as what it is
	} else {
		err = yaml.UnmarshalStrict(data, st)
	}
	if err != nil {
		return nil, fmt.Errorf("sandbox state: %w", err)
	}
	if st.Format != stateFormat {
		return nil, fmt.Errorf("sandbox state: format is %d, want %d", st.Format, stateFormat)
	}
	return st, nil
}

// encode is the state as a state file has it.
func (st *State) encode() ([]byte, error) {
	data, err := json.MarshalIndent(st, "", " ")
	if err != nil {
		return nil, fmt.Errorf("encode sandbox state: %w", err)
	}
	return append(data, '\n'), nil
}

// clone is a copy that shares nothing. A state that came through JSON goes
// through it unchanged.
func (st *State) clone() *State { return unmarshalState(st.marshal()) }

// marshal is the state as compact JSON.
func (st *State) marshal() []byte {
	data, err := json.Marshal(st)
	if err != nil {
		panic("a sandbox state does not encode: " + err.Error())
	}
	return data
}

func unmarshalState(data []byte) *State {
	st := &State{}
	if err := json.Unmarshal(data, st); err != nil {
		panic("a sandbox state does not decode: " + err.Error())
	}
	return st
}
