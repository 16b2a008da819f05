package spec

// Domain is the spec of a Domain document: who answers for the data products of
// a part of the company.
type Domain struct {
	Owners    []Ref    `yaml:"owners" spec:"required,nonempty" doc:"who owns the domain: the role domain_owner"`
	Approvers []Text   `yaml:"approvers" spec:"nonempty" doc:"the persons who approve as domain_owner, by e-mail"`
	Contacts  []Text   `yaml:"contacts" doc:"where people of the domain are reached"`
	Metadata  Metadata `yaml:"-"`
	Pos       Pos      `yaml:"-"`
}

// Check reports approvers who are no persons.
func (d *Domain) Check(c *Checker) {
	for _, a := range d.Approvers {
		if !isEmail(a.Value) {
			c.Errorf(a.Pos, "%q is not an e-mail; approvals are given by persons", a.Value)
		}
	}
}

// Approves reports whether a person is one of the approvers of the domain.
func (d *Domain) Approves(email string) bool { return d != nil && containsPerson(d.Approvers, email) }
