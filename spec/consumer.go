package spec

import "time"

// Consumer is one entry of a product's consumers.
type Consumer struct {
	Party  `yaml:",inline"`
	Record `yaml:",inline"`
	Pos    Pos `yaml:"-"`
}

// ServiceAccess is the same entry, written at the service principal.
type ServiceAccess struct {
	Product Text `yaml:"product" spec:"required" doc:"the data product"`
	Record  `yaml:",inline"`
	Pos     Pos `yaml:"-"`
}

// Record is what the access model wants to know about access to a product:
// what of it, on what ground, until when.
type Record struct {
	Scope        Text          `yaml:"scope" enum:"read" doc:"read, which is all that consumers do"`
	Layer        Text          `yaml:"layer" doc:"the layer; gold by default" example:"silver"`
	Port         Text          `yaml:"port" doc:"only the tables of that port"`
	Tables       []Text        `yaml:"tables" spec:"nonempty" doc:"only these tables, which must be those of a port"`
	PII          bool          `yaml:"pii" doc:"personal data too"`
	Access       Text          `yaml:"access" enum:"standard,temporary" doc:"standard (default), or temporary"`
	Granted      When          `yaml:"granted" doc:"the day on which it was granted"`
	Recertified  When          `yaml:"recertified" doc:"the day on which access to personal data was last certified"`
	Minimisation Text          `yaml:"minimisation" doc:"how the use of personal data is kept small"`
	Attestations *Attestations `yaml:"attestations" doc:"what the consumer has confirmed"`
	Terms        `yaml:",inline"`
}

// Attestations are what a consumer confirms.
type Attestations struct {
	Training    bool `yaml:"training" doc:"the training on data handling is completed"`
	Policy      bool `yaml:"policy" doc:"the access policy is acknowledged"`
	NDA         bool `yaml:"nda" doc:"the non-disclosure agreement is signed"`
	Sensitivity bool `yaml:"sensitivity" doc:"the sensitivity of the data is acknowledged"`
	Pos         Pos  `yaml:"-"`
}

// Missing lists what is not confirmed; all of it where there are none.
func (a *Attestations) Missing() []string {
	if a == nil {
		a = &Attestations{}
	}
	var out []string
	for _, one := range []struct {
		name string
		done bool
	}{{"training", a.Training}, {"policy", a.Policy}, {"nda", a.NDA}, {"sensitivity", a.Sensitivity}} {
		if !one.done {
			out = append(out, one.name)
		}
	}
	return out
}

// The kinds of access.
const (
	AccessStandard  = "standard"
	AccessTemporary = "temporary"
	AccessEmergency = "emergency"
)

// Check reports an entry of which nobody could tell when it ends.
func (r *Record) Check(c *Checker) {
	if !r.Port.IsZero() && len(r.Tables) > 0 {
		c.Errorf(r.Tables[0].Pos, "port: and tables: say the same; write one of them")
	}
	if !r.Granted.IsZero() && !r.Expires.IsZero() && !r.Granted.Start(time.UTC).Before(r.Expires.End(time.UTC)) {
		c.Errorf(r.Expires.Pos(), "expires %s, before it was granted on %s", r.Expires, r.Granted)
	}
}
