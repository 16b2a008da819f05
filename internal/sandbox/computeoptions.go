package sandbox

// computeRoutes are the fixed lists from which clients choose a runtime and a
// machine before they make a cluster or a job (the data sources
// databricks_spark_version, databricks_node_type and databricks_zones).
func (s *Server) computeRoutes() []route {
	var routes []route
	for _, base := range []string{"/api/2.1/clusters", "/api/2.0/clusters"} {
		routes = append(routes,
			route{method: "GET", path: base + "/spark-versions", handle: listSparkVersions},
			route{method: "GET", path: base + "/list-node-types", handle: listNodeTypes},
			route{method: "GET", path: base + "/list-zones", handle: listZones})
	}
	return routes
}

type sparkVersion struct {
	Key  string `json:"key"`
	Name string `json:"name"`
}

// sparkVersions are long-term ones, the newest first.
var sparkVersions = []sparkVersion{
	{"16.4.x-scala2.12", "16.4 LTS (includes Apache Spark 3.5.2, Scala 2.12)"},
	{"15.4.x-scala2.12", "15.4 LTS (includes Apache Spark 3.5.0, Scala 2.12)"},
	{"15.4.x-cpu-ml-scala2.12", "15.4 LTS ML (includes Apache Spark 3.5.0, Scala 2.12)"},
}

func listSparkVersions(*call) (any, error) {
	return map[string]any{"versions": sparkVersions}, nil
}

type nodeInstanceType struct {
	InstanceTypeID   string `json:"instance_type_id"`
	LocalDisks       int    `json:"local_disks"`
	LocalDiskSizeGB  int    `json:"local_disk_size_gb"`
	LocalNVMeDisks   int    `json:"local_nvme_disks"`
	LocalNVMeSizesGB int    `json:"local_nvme_disk_size_gb"`
}

type nodeType struct {
	NodeTypeID           string           `json:"node_type_id"`
	InstanceTypeID       string           `json:"instance_type_id"`
	Category             string           `json:"category"`
	Description          string           `json:"description"`
	MemoryMB             int              `json:"memory_mb"`
	NumCores             float64          `json:"num_cores"`
	NumGPUs              int              `json:"num_gpus"`
	PhotonDriverCapable  bool             `json:"photon_driver_capable"`
	PhotonWorkerCapable  bool             `json:"photon_worker_capable"`
	SupportPortForward   bool             `json:"support_port_forwarding"`
	SupportEBSVolumes    bool             `json:"support_ebs_volumes"`
	SupportClusterTags   bool             `json:"support_cluster_tags"`
	IsIOCacheEnabled     bool             `json:"is_io_cache_enabled"`
	NodeInstanceType     nodeInstanceType `json:"node_instance_type"`
	DisplayOrder         int              `json:"display_order"`
	IsDeprecated         bool             `json:"is_deprecated"`
	IsHidden             bool             `json:"is_hidden"`
	IsGraviton           bool             `json:"is_graviton"`
	IsEncryptedInTransit bool             `json:"is_encrypted_in_transit"`
}

// nodeNames are two machines of each cloud, the smaller one first.
var nodeNames = map[string][2]string{
	"aws":   {"i3.xlarge", "i3.2xlarge"},
	"azure": {"Standard_DS3_v2", "Standard_DS4_v2"},
	"gcp":   {"n2-highmem-4", "n2-highmem-8"},
}

func listNodeTypes(c *call) (any, error) {
	var types []nodeType
	for i, name := range nodeNames[c.s.Knobs().cloud()] {
		size := i + 1
		types = append(types, nodeType{
			NodeTypeID: name, InstanceTypeID: name, Category: "Storage Optimized", Description: name,
			MemoryMB: size * 31232, NumCores: float64(size * 4), PhotonDriverCapable: true, PhotonWorkerCapable: true,
			SupportPortForward: true, SupportEBSVolumes: true, SupportClusterTags: true, IsIOCacheEnabled: true,
			NodeInstanceType: nodeInstanceType{InstanceTypeID: name, LocalNVMeDisks: 1, LocalNVMeSizesGB: size * 950},
		})
	}
	return map[string]any{"node_types": types}, nil
}

func listZones(c *call) (any, error) {
	region := c.region()
	return map[string]any{"zones": []string{region + "a", region + "b"}, "default_zone": region + "a"}, nil
}
