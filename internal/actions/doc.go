// Package actions tells GitHub Actions what a command found: in outputs of the
// step, in its summary, and in annotations of files.
//
// Outside of Actions Of returns nil, and nothing is told:
//
//	if run := actions.Of(os.Getenv); run != nil {
//		err = run.Output(actions.Value{Name: "has_changes", Value: "true"})
//	}
//
// What it writes is read by a program: no value can end itself and begin another
// one, and no text can begin a command.
package actions
