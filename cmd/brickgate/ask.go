package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/internal/access"
	"github.com/brickgate/brickgate/internal/policy"
	"github.com/brickgate/brickgate/internal/questions"
	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

// asking is what the questions have in common.
type asking struct {
	selection
	liveFile
	at, on, output string
	sandbox        bool
}

func (o *asking) flags(cmd *cobra.Command) {
	o.selection.flags(cmd)
	o.liveFile.flags(cmd)
	cmd.Flags().StringVar(&o.on, "on", string(questions.Live), "what to ask about: live, desired (the repository alone, offline) or planned (what apply would leave)")
	cmd.Flags().StringVar(&o.at, "at", "", "as of this day, or instant in RFC 3339; what is live is always as of now")
	cmd.Flags().StringVarP(&o.output, "output", "o", "text", "text, json, dot or svg")
	cmd.Flags().BoolVar(&o.sandbox, "sandbox", false, "ask the embedded sandbox, seeded from sandbox.yaml")
}

func (o *asking) check() error {
	if !slices.Contains(questions.States(), o.on) {
		return fmt.Errorf("--on %s: unknown state%s; there are %s", o.on, meant(o.on, questions.States()), strings.Join(questions.States(), ", "))
	}
	if o.on == string(questions.Desired) && (o.live != "" || o.sandbox) {
		return errors.New("--on desired asks the repository alone: leave --live and --sandbox out")
	}
	return checkOutput(o.output, "text", "json", "dot", "svg")
}

// howToName ends the help of the questions.
const howToName = "A PRINCIPAL with an @ is a user, else the one group or service principal of that name, live or as the\n" +
	"documents spell it; user:, group: and sp: name exactly one. An OBJECT is a securable by its full name\n" +
	"(gold_prd.sales.orders, or {gold}.sales.orders), type:name (external_location:landing, warehouse:main-wh,\n" +
	"directory:/Shared/sales; ml/warehouse:bi where several workspaces have one), a workspace, account or metastore.\n" +
	"What is answered exits with 0, whatever the answer; with 5 if something that it hangs on could not be read."

// questionCommand is a command that asks.
func questionCommand(s streams, use, short, long, example string, args []string, answer func(*questions.World, []string) (questions.Answer, error)) *cobra.Command {
	var o asking
	cmd := &cobra.Command{
		Use: use + " " + strings.Join(args, " "), Short: short, Long: long + "\n\n" + howToName, Example: example,
		Args: func(_ *cobra.Command, given []string) error {
			if len(given) != len(args) {
				return fmt.Errorf("write brickgate %s %s", use, strings.Join(args, " "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.ask(cmd.Context(), s, func(w *questions.World) (questions.Answer, error) { return answer(w, args) })
		},
	}
	o.flags(cmd)
	return cmd
}

func whoCanCommand(s streams) *cobra.Command {
	return questionCommand(s, "who-can", "Say who has a privilege on an object, and by what",
		"Lists all who effectively have a privilege or permission level on an object: through groups in groups, by\n"+
			"grants on what holds the object, as owners and as admins, with all that the privilege needs.",
		"  brickgate who-can SELECT gold_prd.sales.orders --env prd\n"+
			"  brickgate who-can CAN_USE warehouse:bi --env prd\n"+
			"  brickgate who-can modify {silver}.sales --env prd --on planned -o json\n"+
			"  brickgate who-can ADMIN workspace:main --env prd -o svg > admins.svg",
		[]string{"PRIVILEGE", "OBJECT"},
		func(w *questions.World, args []string) (questions.Answer, error) {
			object, err := w.Object(args[1])
			if err != nil {
				return questions.Answer{}, err
			}
			privilege, key, err := w.Privilege(args[0], object)
			if err != nil {
				return questions.Answer{}, err
			}
			return w.WhoCan(privilege, key, object), nil
		})
}

func whatCanCommand(s streams) *cobra.Command {
	return questionCommand(s, "what-can", "Say what a principal can do, object by object",
		"Lists all that a principal effectively can do, by object. What holds for everything in an object is told there.",
		"  brickgate what-can ann@example.com --env prd\n"+
			"  brickgate what-can grp_data_engineering --env prd --on desired",
		[]string{"PRINCIPAL"},
		func(w *questions.World, args []string) (questions.Answer, error) {
			p, err := w.Principal(args[0])
			if err != nil {
				return questions.Answer{}, err
			}
			return w.WhatCan(p), nil
		})
}

func explainCommand(s streams) *cobra.Command {
	return questionCommand(s, "explain", "Say why a principal has access to an object: every way, and the line of each step",
		"Lists every way by which a principal comes to what it effectively has on an object, with the line of the\n"+
			"repository, the reason and the end of each step, or that it is only live; and the ways to what this needs.",
		"  brickgate explain ann@example.com gold_prd.sales.orders --env prd\n"+
			"  brickgate explain spn_etl_pipeline job:sales-etl --env prd -o svg > why.svg",
		[]string{"PRINCIPAL", "OBJECT"},
		func(w *questions.World, args []string) (questions.Answer, error) {
			p, object, err := principalAndObject(w, args[0], args[1])
			if err != nil {
				return questions.Answer{}, err
			}
			return w.Explain(p, object), nil
		})
}

func whyNotCommand(s streams) *cobra.Command {
	return questionCommand(s, "why-not", "Say why a principal lacks a privilege on an object, and what would mend it",
		"Lists everything for which a principal does not have a privilege on an object: what is not granted, the way\n"+
			"to the object, the workspace, and what the repository gave and has ended. If it has it, it says by what.",
		"  brickgate why-not ann@example.com SELECT gold_prd.sales.orders --env prd\n"+
			"  brickgate why-not grp_analysts CAN_USE warehouse:bi --env prd --on planned",
		[]string{"PRINCIPAL", "PRIVILEGE", "OBJECT"},
		func(w *questions.World, args []string) (questions.Answer, error) {
			p, object, err := principalAndObject(w, args[0], args[2])
			if err != nil {
				return questions.Answer{}, err
			}
			privilege, key, err := w.Privilege(args[1], object)
			if err != nil {
				return questions.Answer{}, err
			}
			return w.WhyNot(p, privilege, key, object), nil
		})
}

// principalAndObject finds both, and tells what is wrong with either.
func principalAndObject(w *questions.World, principal, object string) (questions.Principal, questions.Object, error) {
	p, wrong := w.Principal(principal)
	o, err := w.Object(object)
	return p, o, errors.Join(wrong, err)
}

// ask prepares what a question is about, has it answered, and writes the answer.
func (o *asking) ask(ctx context.Context, s streams, answer func(*questions.World) (questions.Answer, error)) error {
	if err := o.check(); err != nil {
		return err
	}
	repo, declared, err := o.declare(nil)
	if err != nil {
		return err
	}
	now, err := parseAt(o.at, declared.Zone)
	if err != nil {
		return err
	}
	w := &questions.World{On: questions.On(o.on), Env: declared.Env, Now: now, Platform: platformTables()}
	if w.On == questions.Desired {
		if err := desiredWorld(w, declared); err != nil {
			return repo.Locate(err)
		}
		a, err := answer(w)
		if err != nil {
			return err
		}
		return writeAnswer(s, w, a, o.output)
	}
	l, err := o.look(ctx, w, repo, declared)
	if err != nil {
		return err
	}
	a, err := l.answer(ctx, answer)
	if err := joined(err, l.close()); err != nil {
		return err
	}
	partial := a.Unreadable(l.run.Held) || l.failed
	if err := writeAnswer(s, w, a, o.output); err != nil {
		return err
	}
	if partial {
		return exit{exitPartial}
	}
	return nil
}

func platformTables() questions.Platform {
	return questions.Platform{
		Platform:   access.Platform{Privileges: reconcile.Privileges, Levels: reconcile.Levels},
		Securables: reconcile.SecurableTypes(), Objects: reconcile.ObjectTypes(), Segments: reconcile.Segments,
		Privilege: reconcile.Privilege, Level: reconcile.Level,
	}
}

// desiredWorld is what the repository says, and nothing else.
func desiredWorld(w *questions.World, declared *reconcile.Declared) error {
	state, err := declared.Desired(w.Now)
	if err != nil {
		return err
	}
	w.State, w.Called = state, declared.Called()
	w.Access = access.New(state, w.Platform.Platform, w.Now)
	return nil
}

// looking is an environment that was read to answer a question.
type looking struct {
	world   *questions.World
	run     *reconcile.Run
	desired plan.State
	plan    plan.Plan
	close   func() error

	snapshot bool // of which everything was read that is there
	failed   bool // something could not be read that the answer hangs on
}

// look reads what is live and plans, without what only a plan that is to be applied
// needs: guards and the rights of the caller.
func (o *asking) look(ctx context.Context, w *questions.World, repo *spec.Repository, declared *reconcile.Declared) (*looking, error) {
	rules, wrong := policy.Compile(repo.Project)
	if err := repo.Locate(joined(wrong, declared.Check(w.Now))); err != nil {
		return nil, err
	}
	c, err := o.connect(ctx, repo, declared.Env, o.sandbox, reconcile.Connect)
	if err != nil {
		return nil, err
	}
	l := &looking{world: w, close: c.close}
	if c.snapshot != nil {
		l.snapshot = true
		w.Notes = []string{"Asked of " + strings.TrimPrefix(c.snapshot.Notice(), "planned over ") + "."}
	}
	l.run, err = read(ctx, c.clients, declared)
	if err == nil {
		judged := judge(rules, l.run, w.Now)
		l.plan, err = l.run.Plan(w.Now, nil, func(desired plan.State, p plan.Plan) []plan.Finding {
			l.desired = desired
			return judged(desired, p)
		})
	}
	if err != nil {
		return nil, joined(repo.Locate(err), c.close())
	}
	w.Called, w.ServicePrincipal = l.run.Called(), l.run.ServicePrincipal
	known := map[plan.Key]bool{}
	w.Exists = func(k plan.Key) (bool, error) {
		if _, asked := known[k]; !asked {
			there, err := l.run.Exists(ctx, k)
			if err != nil {
				return false, err
			}
			known[k] = there
		}
		return known[k], nil
	}
	l.index()
	return l, nil
}

// index makes the states that are asked about from what was read.
func (l *looking) index() {
	w := l.world
	w.Known = l.run.Principals()
	planned := plan.Planned(l.desired, l.run.Live, l.plan)
	after := access.New(planned, w.Platform.Platform, w.Now).With(l.desired)
	if w.On == questions.Planned {
		w.State, w.Access = planned, after
		return
	}
	w.State, w.After = l.run.Live, after
	w.Access = access.New(l.run.Live, w.Platform.Platform, w.Now).With(l.desired)
}

// mostGroups are so many groups as are read for the sake of one answer.
const mostGroups = 100

// answer answers, and where the answer hangs on groups of which nobody read the
// members, reads these and answers again.
func (l *looking) answer(ctx context.Context, answer func(*questions.World) (questions.Answer, error)) (questions.Answer, error) {
	a, err := answer(l.world)
	if err != nil {
		return a, err
	}
	groups := a.UnreadGroups()
	if l.snapshot || len(groups) == 0 || len(groups) > mostGroups {
		return a, nil
	}
	if err := l.run.ReadMembers(ctx, groups); err != nil {
		l.failed = true
		l.world.Notes = append(l.world.Notes, sentence(err))
	}
	l.index()
	return answer(l.world)
}

// sentence is an error as a note.
func sentence(err error) string {
	text := strings.TrimSuffix(err.Error(), ".")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

func writeAnswer(s streams, w *questions.World, a questions.Answer, output string) error {
	switch output {
	case "json":
		return writeJSON(s.out, a)
	case "dot":
		return render.DOT(s.out, w.Picture(a))
	case "svg":
		return render.SVG(s.out, w.Picture(a))
	}
	return questions.Text(s.out, a, w.Platform, textOptions(s, time.Time{}))
}
