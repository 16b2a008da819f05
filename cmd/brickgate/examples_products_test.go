package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestTheLakehouseShowsProducts keeps what the example shows of data products:
// contract items 31 to 57, as far as they are about groups, members and grants.
func TestTheLakehouseShowsProducts(t *testing.T) {
	shown := lakehousePlan(t, lakehouseDay.Format(time.DateOnly))
	for what, pattern := range map[string]string{
		"owners of a product":                           `group account dp-sales-orders-owner_dev create .*member \+group:grp_sales_analytics_dev`,
		"owners who have all of bronze":                 `grants metastore schema/bronze_dev.sales .*group:dp-sales-orders-owner_dev \+ALL_PRIVILEGES`,
		"owners who have all of silver":                 `grants metastore table/silver_dev.sales.orders .*group:dp-sales-orders-owner_dev \+ALL_PRIVILEGES`,
		"owners who have all of gold":                   `grants metastore table/gold_dev.sales.orders_daily .*group:dp-sales-orders-owner_dev \+ALL_PRIVILEGES`,
		"a pipeline that writes":                        `grants metastore table/gold_dev.sales.orders_daily .*sp:spn_etl_pipeline_dev \+MODIFY \+SELECT`,
		"a pipeline that creates":                       `grants metastore schema/silver_dev.sales .*sp:spn_etl_pipeline_dev \+CREATE_TABLE \+CREATE_VOLUME \+USE_SCHEMA`,
		"consumers who read gold":                       `grants metastore table/gold_dev.sales.orders_daily .*group:dp-sales-orders-consumer_dev \+SELECT`,
		"consumers who read a volume":                   `grants metastore volume/gold_dev.sales.exports .*group:dp-sales-orders-consumer_dev \+READ_VOLUME`,
		"the way to a schema":                           `grants metastore schema/gold_dev.sales .*group:dp-sales-orders-consumer_dev \+USE_SCHEMA`,
		"the way to a catalog":                          `grants metastore catalog/gold_dev .*group:dp-sales-orders-consumer_dev \+USE_CATALOG`,
		"stewards who read gold":                        `grants metastore table/gold_dev.sales.orders_daily .*group:grp_data_stewards_dev \+SELECT`,
		"a reader of silver":                            `group account dp-sales-orders-silver-consumer_dev create .*\+user:erin@example.com until 2027-03-12`,
		"a reader of personal data":                     `group account dp-sales-orders-pii-consumer_dev create .*\+user:nina@example.com until 2027-02-05`,
		"personal data that its readers read":           `grants metastore table/gold_dev.sales.customers .*group:dp-sales-orders-pii-consumer_dev \+SELECT`,
		"a port":                                        `group account dp-sales-orders-finance-consumer_dev create .*\+group:AAD-Finance until 2027-06-30`,
		"a service principal by its own document":       `group account dp-sales-orders-finance-consumer_dev create .*\+sp:spn_finance_reporting_dev until 2027-06-14`,
		"a request that was approved":                   `group account dp-sales-orders-finance-consumer_dev create .*\+user:felix@example.com until 2027-04-19`,
		"a request that was revoked":                    `group account dp-sales-orders-consumer_dev update .*-user:hugo@example.com until 2026-11-09`,
		"the consumers of another domain":               `group account dp-sales-orders-consumer_dev update .*\+group:grp_marketing_data_dev until 2027-05-10`,
		"a temporary auditor":                           `group account dp-sales-orders-consumer_dev update .*\+user:quinn@example.com until 2026-12-11`,
		"a consumer whose time is over":                 `group account dp-sales-orders-consumer_dev update .*-user:bob@example.com until 2026-10-30`,
		"a group for emergencies, made beforehand":      `group account dp-sales-orders-emergency_dev create$`,
		"owners who use data of another product":        `grants metastore table/gold_dev.sales.orders_daily .*group:dp-marketing-customer-360-owner_dev \+SELECT until 2027-05-10`,
		"a pipeline that uses data of another product":  `grants metastore table/gold_dev.sales.orders_daily .*sp:spn_customer_360_dev \+SELECT until 2027-05-10`,
		"a consumer that is a group of another product": `group account dp-marketing-customer-360-consumer_dev create .*\+group:dp-sales-orders-owner_dev until 2027-10-11`,
		"a synced group that gets its grants":           `grants metastore table/gold_dev.finance.ledger .*group:AAD-Ledger-Readers \+SELECT`,
		"a product that has moved":                      `group account dp-marketing-campaigns-consumer_dev update name \+dp-marketing-campaigns-consumer_dev -dp-sales-campaigns-consumer_dev$`,
		"grants that a moved product keeps":             `grants metastore table/gold_dev.marketing.campaigns update( (group:dp-marketing-campaigns-emergency_dev|group:grp_data_stewards_dev|sp:spn_customer_360_dev \+MODIFY) \+SELECT)+$`,
		"the end of a retired product":                  `group account dp-sales-forecast-consumer_dev create .*\+group:AAD-Finance until 2027-01-31`,
		"a deprecated product that keeps its consumers": `group account dp-sales-leads-consumer_dev create .*\+group:AAD-Data-Scientists until 2027-04-19`,
		"a Grants document on data of a product":        `grants metastore table/gold_dev.sales.orders_daily .*group:grp_business_intelligence_dev \+SELECT`,
	} {
		if !regexp.MustCompile(`(?m)^` + pattern).MatchString(shown) {
			t.Errorf("the lakehouse does not show %s: %s", what, pattern)
		}
	}
	for what, pattern := range map[string]string{
		"members of a synced group":                     `group account AAD-Ledger-Readers `,
		"consumers on personal data without their word": `table/gold_dev.sales.customers .*group:(dp-sales-orders-(finance-)?consumer|grp_data_stewards)_dev `,
		"consumers on bronze":                           `schema/bronze_dev.sales .*-consumer`,
		"consumers of gold on silver":                   `silver_dev.sales.orders .*dp-sales-orders-(finance-|pii-)?consumer_dev`,
		"what a request asks that is pending or denied": `dp-marketing-customer-360-\S* .*user:erin`,
		"MANAGE for anybody":                            `grants .* \+MANAGE( |$)`,
		"somebody in the emergency that is over":        `user:oscar`,
	} {
		if at := regexp.MustCompile(`(?m)^.*` + pattern + `.*$`).FindString(shown); at != "" {
			t.Errorf("the lakehouse gives %s: %s", what, at)
		}
	}
	if t.Failed() {
		t.Log(shown)
	}
}

// lakehousePlan is the plan of dev as of a day, in the world that the example
// comes with.
func lakehousePlan(t *testing.T, at string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "lakehouse")
	if err := copyExample("lakehouse", dir); err != nil {
		t.Fatal(err)
	}
	code, out, errs := called(t, "plan", "--sandbox", "--env", "dev", "--at", at, "-o", "json", dir)
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	return flatten(t, out)
}

// TestTheLakehouseHasAnEmergency: contract item 50. It lasts for its hours.
func TestTheLakehouseHasAnEmergency(t *testing.T) {
	const in = `group account dp-sales-orders-emergency_dev create member +user:oscar@example.com until 2026-11-18T10:10:00Z`
	for at, want := range map[string]bool{
		"2026-11-18T02:09:59Z": false, "2026-11-18T02:10:00Z": true,
		"2026-11-18T10:09:59Z": true, "2026-11-18T10:10:00Z": false,
	} {
		if got := strings.Contains(lakehousePlan(t, at), in); got != want {
			t.Errorf("at %s oscar is in: %v, want %v", at, got, want)
		}
	}
}
