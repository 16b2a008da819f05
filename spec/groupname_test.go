package spec

import "testing"

func TestGroupNames(t *testing.T) {
	for _, c := range []struct{ template, domain, product, role, want string }{
		{"", "sales", "orders", RoleConsumer, "dp-sales-orders-consumer"},
		{"", "sales", "orders", RoleEmergency, "dp-sales-orders-emergency"},
		{"", "sales", "orders", "finance-pii-consumer", "dp-sales-orders-finance-pii-consumer"},
		{"", "sales", "sales-orders", RoleConsumer, "dp-sales-orders-consumer"},
		{"", "sales", "sales", RoleConsumer, "dp-sales-consumer"},
		{"", "sales", "salesforce", RoleConsumer, "dp-sales-salesforce-consumer"},
		{"dp_{domain}.{product}_consumers", "sales", "sales-orders", "pii-consumer", "dp_sales-orders_pii-consumers"},
		{"{product}-{domain}", "sales", "orders", "pii-consumer", "orders-sales-pii-consumer"},
		{"consumer-{product}-{domain}", "sales", "sales-orders", RoleConsumer, "consumer-sales-orders"},
		{"{domain}{product}", "sales", "sales-orders", RoleConsumer, "sales-orders"},
	} {
		p := &Project{Naming: Naming{ConsumerGroup: Text{Value: c.template}}}
		product := &Product{Metadata: Metadata{Name: Text{Value: c.product}, Domain: Text{Value: c.domain}}}
		if got := p.GroupName(product, c.role); got != c.want {
			t.Errorf("%s of %s/%s by %q is called %s, want %s", c.role, c.domain, c.product, c.template, got, c.want)
		}
	}
}
