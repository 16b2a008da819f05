package spec

// Guards are the limits that stop an apply before its first write.
type Guards struct {
	MaxRemovals   MaxRemovals `yaml:"maxRemovals" doc:"how much access one run may remove"`
	SmallSets     Int         `yaml:"smallSets" doc:"below this size, at most 2 entries of a set are removed, and never the last member"`
	MaxDeletes    Int         `yaml:"maxDeletes" doc:"how many principals one run may delete"`
	MinAdmins     MinAdmins   `yaml:"minAdmins" doc:"how many admins must be left"`
	Protected     []Ref       `yaml:"protected" doc:"principals whose powers are never taken away"`
	RequirePinned EnvNames    `yaml:"requirePinned" doc:"environments where a service principal without applicationId is an error"`
}

// MaxRemovals are shares of the live facts in scope before the run.
type MaxRemovals struct {
	PerObject  Percent `yaml:"perObject" doc:"of the facts of one object" example:"50%"`
	PerProduct Percent `yaml:"perProduct" doc:"of the facts of one product" example:"25%"`
	PerRun     Percent `yaml:"perRun" doc:"of the facts of the whole run" example:"5%"`
	Absolute   Int     `yaml:"absolute" doc:"in one run, whatever the share"`
}

// MinAdmins are numbers of admins that must be left.
type MinAdmins struct {
	Account   Int `yaml:"account" doc:"of an account"`
	Workspace Int `yaml:"workspace" doc:"of a workspace"`
}

// WithDefaults fills in what is absent. A Project that Load returns has been
// through it.
func (g Guards) WithDefaults() Guards {
	m := &g.MaxRemovals
	m.PerObject = m.PerObject.or(50)
	m.PerProduct = m.PerProduct.or(25)
	m.PerRun = m.PerRun.or(5)
	m.Absolute = m.Absolute.or(200)
	g.SmallSets = g.SmallSets.or(10)
	g.MaxDeletes = g.MaxDeletes.or(5)
	g.MinAdmins.Account = g.MinAdmins.Account.or(2)
	g.MinAdmins.Workspace = g.MinAdmins.Workspace.or(2)
	return g
}

// or is the percentage, or a default in place of an absent one.
func (p Percent) or(percent int) Percent {
	if p.set {
		return p
	}
	return Percent{hundredths: percent * 100, set: true}
}

// or is the number, or a default in place of an absent one.
func (i Int) or(value int) Int {
	if i.IsZero() {
		return Int{Value: value}
	}
	return i
}
