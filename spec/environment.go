package spec

// Environment is one environment of the Project.
type Environment struct {
	Account    Text           `yaml:"account" doc:"the account, by its name under accounts"`
	Suffix     Text           `yaml:"suffix" doc:"the end of live names of groups and service principals; empty for one environment of an account at most" example:"_dev"`
	Workspaces Map[Workspace] `yaml:"workspaces" doc:"the workspaces, by a name of your choice"`
	Catalogs   Map[OneOrMany] `yaml:"catalogs" doc:"the catalogs of each layer; the first of a list is the default"`
	Pos        Pos            `yaml:"-"`

	Name    string   `yaml:"-"`
	project *Project // set by Load
}

// Project is the Project that the environment is part of.
func (e *Environment) Project() *Project { return e.project }

// AccountConfig is the account of the environment; false if it has none.
func (e *Environment) AccountConfig() (Account, bool) {
	if e.Account.Value == "" {
		return Account{}, false
	}
	return e.project.Accounts.Get(e.Account.Value)
}

// complete fills in what a Project leaves to defaults and what only the whole
// knows.
func (p *Project) complete() {
	p.Access = p.Access.WithDefaults()
	p.Guards = p.Guards.WithDefaults()
	for i := range p.Environments.Entries {
		e := &p.Environments.Entries[i]
		e.Value.Name = e.Key.Value
		e.Value.project = p
	}
}

// Layer is a layer with its defaults: consumers read gold, name silver, and
// never read bronze or any other. False if neither the Project nor the access
// model knows it.
func (p *Project) Layer(name string) (Layer, bool) {
	layer, known := p.Layers.Get(name)
	consumers := map[string]string{"bronze": "none", "silver": "explicit", "gold": "read"}
	approval := map[string][]string{
		"bronze": {"platform_team"}, "silver": {"manager", "domain_owner"}, "gold": {"manager", "domain_owner"},
	}
	if _, builtIn := consumers[name]; !builtIn && !known {
		return Layer{}, false
	}
	if layer.Consumers.Value == "" {
		layer.Consumers.Value = "none"
		if c, ok := consumers[name]; ok {
			layer.Consumers.Value = c
		}
	}
	layer.Approval = textsOr(layer.Approval, approval[name]...)
	return layer, true
}
