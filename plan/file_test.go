package plan_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/plan"
)

// making is how the files of these tests were made.
func making() plan.Making {
	return plan.Making{
		ToolVersion: "v0.1.0", Identity: "user:admin@example.com", Created: now, Expires: now.Add(24 * time.Hour),
		Commit: "4b825dc642cb6eb9a060e54bf8d69288fbee4904", Spec: "beef",
	}
}

var hosts = []plan.Host{{Target: "account", Host: "https://accounts.example.com", ID: "a-1"}, {Target: "main", Host: "https://adb-1.example.com", ID: "1001"}}

// approvable creates a group, changes grants and deletes a group.
func approvable(t testing.TB) plan.Plan {
	t.Helper()
	ends := at(31, "2026-12-31")
	ends.Reason = "audit <1>\u202e"
	p := plan.Diff(
		folded(t,
			resource("group@account/new", "member=", presence(plan.Present), claims(wanted("member", "user:a", ends), wanted("member", "user:b", at(4, "")))),
			resource("group@account/old", "", presence(plan.Gone)),
			resource(sales, "", claims(wanted("group:a", "SELECT", at(6, "")))),
		),
		plan.NewState(list(resource("group@account/old", "member=user:c", presence(plan.Present)), resource(sales, "group:b=MODIFY,SELECT user:x_z=SELECT"))),
		plan.Scope{Owned: owned})
	p.Environment, p.Hosts = "prd", hosts
	p.Waivers = []plan.Waiver{{Guard: plan.GuardMaxDeletes, Reason: "CHG-9"}}
	return p
}

func saved(t testing.TB, p plan.Plan) []byte {
	t.Helper()
	data, err := p.Save(making(), now)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func readFile(t testing.TB, data []byte) *plan.File {
	t.Helper()
	f, err := plan.ReadFile(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestASavedPlanIsReadAsItWas(t *testing.T) {
	p := approvable(t)
	f := readFile(t, saved(t, p))
	var edits []plan.Edit
	until := map[string]time.Time{}
	for _, a := range f.Edits {
		edits = append(edits, a.Edit)
		if !a.Until.IsZero() {
			until[a.Value] = a.Until
		}
	}
	if d := cmp.Diff(p.Edits(), edits); d != "" || len(edits) < 8 {
		t.Errorf("%d edits (-want +got):\n%s", len(edits), d)
	}
	if d := cmp.Diff(map[string]time.Time{"user:a": time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}, until); d != "" {
		t.Errorf("ends (-want +got):\n%s", d)
	}
	if d := cmp.Diff(making(), f.Making); d != "" {
		t.Errorf("making (-want +got):\n%s", d)
	}
	if d := cmp.Diff(p.Waivers, f.Waivers); d != "" {
		t.Errorf("waivers (-want +got):\n%s", d)
	}
	if f.Checksum != p.Checksum() || f.Environment != "prd" {
		t.Errorf("checksum %s of %s, want %s", f.Checksum, f.Environment, p.Checksum())
	}
}

func TestEqualPlansAreSavedAlike(t *testing.T) {
	if a, b := saved(t, approvable(t)), saved(t, approvable(t)); !bytes.Equal(a, b) {
		t.Errorf("two files:\n%s", cmp.Diff(string(a), string(b)))
	}
}

// JSON's own escapes say the same, and are what a terminal is spared with.
func TestASavedPlanMayBeEscaped(t *testing.T) {
	data := saved(t, approvable(t))
	escaped := bytes.ReplaceAll(data, []byte("\u202e"), []byte(`\u202e`))
	if bytes.Equal(data, escaped) {
		t.Fatal("there is nothing to escape")
	}
	readFile(t, escaped)
}

// sealed is what somebody makes who edits a file and its digest.
func sealed(data []byte) []byte {
	line := regexp.MustCompile(`(?m)^  "digest": ".*"$`)
	sum := sha256.Sum256(line.ReplaceAll(data, []byte(`  "digest": ""`)))
	return line.ReplaceAll(data, []byte(`  "digest": "`+hex.EncodeToString(sum[:])+`"`))
}

func TestWhatIsNotAsItWasSavedIsRefused(t *testing.T) {
	data := string(saved(t, approvable(t)))
	if string(sealed([]byte(data))) != data {
		t.Fatal("sealed does not know how files are sealed")
	}
	tests := []struct{ name, old, new, want string }{
		{"another value", `"value": "user:c"`, `"value": "user:d"`, "its digest is another one"},
		{"another end", `"until": "2027-01-01T00:00:00Z"`, `"until": "2028-01-01T00:00:00Z"`, "its digest is another one"},
		{"another expiry", `"expires": "2026-11-23`, `"expires": "2027-11-23`, "its digest is another one"},
		{"another reason", `"reason": "CHG-9"`, `"reason": "CHG-8"`, "its digest is another one"},
		{"a word that nobody knows", `"environment": "prd",`, `"environment": "prd", "force": true,`, `unknown field "force"`},
		{"a word that nobody knows, below", `"field": "member",`, `"field": "member", "force": true,`, `unknown field "force"`},
		{"something twice", `  "environment": "prd",`, `  "environment": "dev", "environment": "prd",`, "says something twice"},
		{"a word in another case", `  "touched":`, `  "TOUCHED":`, "in other words"},
		{"more behind it", "\n}\n", "\n}\n{}", "after top-level value"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			edited := strings.Replace(data, tt.old, tt.new, 1)
			if edited == data {
				t.Fatalf("no %s in:\n%s", tt.old, data)
			}
			_, err := plan.ReadFile(strings.NewReader(edited))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

// Who seals an edited file anew is still not believed where it contradicts itself.
func TestAFileThatContradictsItselfIsRefused(t *testing.T) {
	data := string(saved(t, approvable(t)))
	shown, done, _ := strings.Cut(data, `"touched": [`)
	done = `"touched": [` + done
	swap := func(text, old, new string) string {
		if !strings.Contains(text, old) {
			t.Fatalf("no %s in:\n%s", old, text)
		}
		return strings.Replace(text, old, new, 1)
	}
	tests := []struct{ name, text, want string }{
		{"what is shown is not what is done", swap(shown, "user:b", "user:e") + done, "does not show what it does to group@account/new"},
		{"more is done than is shown", shown + swap(done, `"user:b"`, "\"user:b\",\n            \"user:e\""), "does not show what it does"},
		{"the difference is another one", shown + swap(done, "\"field\": \"member\",\n          \"value\": \"user:b\"", "\"field\": \"member\",\n          \"value\": \"user:e\""), "not what is added and removed"},
		{"the action is unknown", shown + swap(done, `"action": "create"`, `"action": "wipe"`), `knows no action "wipe"`},
		{"the hosts are others", swap(shown, "adb-1.example.com", "adb-2.example.com") + done, "its checksum is that of another plan"},
		{"the environment is another one", swap(shown, `"environment": "prd"`, `"environment": "dev"`) + done, "its checksum is that of another plan"},
		{"the version is another one", swap(shown, `"toolVersion": "v0.1.0"`, `"toolVersion": "v0.2.0"`) + done, "of two environments or versions"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := plan.ReadFile(bytes.NewReader(sealed([]byte(tt.text))))
			if err == nil || !strings.Contains(err.Error(), tt.want) || !errors.As(err, new(*plan.Refusal)) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

func TestWhatIsNoSavedPlan(t *testing.T) {
	tests := []struct {
		name, text, want string
		refused          bool
	}{
		{"nothing", "", "no saved plan: unexpected end", false},
		{"half a file", string(saved(t, approvable(t))[:200]), "no saved plan: ", false},
		{"the JSON of a plan", string(jsonOf(t, plan.Plan{})), "no saved plan: it has no format; plan --out saves one", false},
		{"a list", "[]", "no saved plan: ", false},
		{"deeper than anything", strings.Repeat("[", 20000), "no saved plan: ", false},
		{"a later format", `{"format": "brickgate.plan/3", "new": []}`, `its format is "brickgate.plan/3", and this version reads "brickgate.plan/2"`, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := plan.ReadFile(strings.NewReader(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) || errors.As(err, new(*plan.Refusal)) != tt.refused {
				t.Errorf("%v, want %q, a refusal: %v", err, tt.want, tt.refused)
			}
		})
	}
}

func TestWhereAndWhenASavedPlanIsGood(t *testing.T) {
	f := readFile(t, saved(t, approvable(t)))
	moved := []plan.Host{hosts[0], {Target: "main", Host: "https://adb-1.example.com", ID: "1002"}}
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"at once", f.Usable("v0.1.0", now), ""},
		{"until it expires", f.Usable("v0.1.0", now.Add(24*time.Hour-1)), ""},
		{"not when it has expired", f.Usable("v0.1.0", now.Add(24*time.Hour)), "it expired at 2026-11-23T09:00:00Z"},
		{"by a clock that is a little late", f.Usable("v0.1.0", now.Add(-time.Minute)), ""},
		{"not by a clock that is wrong", f.Usable("v0.1.0", now.Add(-time.Hour)), "one of the clocks is wrong"},
		{"not by another version", f.Usable("v0.2.0", now), "made by version v0.1.0, and this is v0.2.0"},
		{"in its environment", f.For("prd"), ""},
		{"not in another", f.For("dev"), "for environment prd, not for dev"},
		{"on its hosts", f.At(hosts), ""},
		{"not in another workspace", f.At(moved), "it is for main at https://adb-1.example.com (1001), and here that is https://adb-1.example.com (1002)"},
		{"not with a workspace more", f.At(append(moved[:1:1], hosts[1], plan.Host{Target: "ml"})), "knows nothing of ml"},
		{"not with a workspace less", f.At(hosts[:1]), "for other hosts"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			switch {
			case tt.want == "" && tt.err != nil:
				t.Error(tt.err)
			case tt.want != "" && (tt.err == nil || !strings.Contains(tt.err.Error(), tt.want) || !errors.As(tt.err, new(*plan.Refusal))):
				t.Errorf("%v, want %q", tt.err, tt.want)
			}
		})
	}
}

// The name of a file need not be UTF-8, and JSON is.
func TestAPlanFromAFileWithABrokenName(t *testing.T) {
	broken := at(7, "")
	broken.Pos.File = "teams/\xff\xfe.yaml"
	p := plan.Diff(folded(t, resource("group@account/new", "member=", presence(plan.Present), claims(wanted("member", "user:a", broken)))),
		plan.NewState(nil), plan.Scope{Owned: owned})
	if f := readFile(t, saved(t, p)); f.Checksum != p.Checksum() {
		t.Errorf("checksum %s, want %s", f.Checksum, p.Checksum())
	}
}

// Whatever is read is what was saved, or refused; nothing panics.
func FuzzReadFile(f *testing.F) {
	data := saved(f, approvable(f))
	f.Add(data)
	f.Add(saved(f, plan.Plan{Environment: "dev"}))
	f.Add(sealed(bytes.Replace(data, []byte("user:b"), []byte("user:e"), 1)))
	f.Add(bytes.Replace(data, []byte(`"touched"`), []byte(`"Touched"`), 1))
	f.Add(data[:len(data)/2])
	f.Add([]byte(`{"format":"brickgate.plan/2","touched":[{"action":"create"}],"plan":{"changes":[{}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := plan.ReadFile(bytes.NewReader(text))
		if err != nil {
			return
		}
		if _, err := plan.Expected(file.Checksum, plan.ShortChecksum(file.Checksum)); err != nil {
			t.Errorf("a file with the checksum %q", file.Checksum)
		}
		file.Compare(plan.Plan{}, plan.Reading{Now: now})
	})
}
