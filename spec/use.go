package spec

// Use is data of one product that another one reads, in one environment.
type Use struct {
	*UsedItem
	Product  *Product   // which reads
	Provider *Product   // whose data it is
	Layer    string     // of the data
	PII      bool       // whether it holds personal data
	Document DocumentID // of the product that reads
}
