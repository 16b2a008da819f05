package spec

// Metadata names a document. A document struct that has a field of this type
// gets the metadata of its document; the field's tag domain:"optional" or
// domain:"required" lets the kind have metadata.domain.
type Metadata struct {
	Name   Text `yaml:"name" spec:"required,name" doc:"the name of the document; unique among those of its kind"`
	Domain Text `yaml:"domain" spec:"name" doc:"the domain it belongs to"`
}

// plainMetadata is the metadata of a kind without a domain.
type plainMetadata struct {
	Name Text `yaml:"name" spec:"required,name" doc:"the name of the document; unique among those of its kind"`
}
