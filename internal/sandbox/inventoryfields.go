package sandbox

import "strings"

// The fields of create requests: SDK v0.175.0 service/*/model.go.
var (
	jobFields   = append([]string{"access_control_list"}, jobSettings...)
	jobSettings = strings.Fields(`budget_policy_id continuous deployment description edit_mode
		email_notifications environments existing_cluster_id format git_source health job_clusters libraries
		max_concurrent_runs max_retries min_retry_interval_millis name new_cluster notebook_task notification_settings
		parameters parent_path performance_target pipeline_task python_wheel_task queue retry_on_timeout run_as
		schedule spark_jar_task spark_python_task spark_submit_task tags tasks timeout_seconds trigger triggers
		usage_policy_id webhook_notifications`)
	pipelineFields = strings.Fields(`allow_duplicate_names budget_policy_id catalog channel clusters configuration
		continuous deployment development dry_run edition environment event_log filters gateway_definition id
		ingestion_definition libraries name notifications parameters photon restart_window root_path run_as schema
		serverless serverless_compute_id storage tags target trigger usage_policy_id`)
	warehouseFields = strings.Fields(`auto_stop_mins channel cluster_size creator_name enable_photon
		enable_serverless_compute instance_profile_arn max_num_clusters min_num_clusters name spot_instance_policy
		tags warehouse_type`)
	clusterFields = strings.Fields(`apply_policy_default_values autoscale autotermination_minutes aws_attributes
		azure_attributes clone_from cluster_log_conf cluster_name custom_tags data_security_mode dependency_mode
		docker_image driver_instance_pool_id driver_node_type_flexibility driver_node_type_id enable_elastic_disk
		enable_local_disk_encryption gcp_attributes idempotency_token init_scripts instance_pool_id is_single_node
		kind node_type_id num_workers policy_id remote_disk_throughput runtime_engine single_user_name spark_conf
		spark_env_vars spark_version ssh_public_keys total_initial_remote_disk_size use_ml_runtime
		worker_node_type_flexibility workload_type`)
	policyFields = strings.Fields(`definition description libraries max_clusters_per_user name
		policy_family_definition_overrides policy_family_id`)
	poolFields = strings.Fields(`aws_attributes azure_attributes custom_tags disk_spec enable_elastic_disk
		gcp_attributes idle_instance_autotermination_minutes instance_pool_name max_capacity min_idle_instances
		node_type_flexibility node_type_id preloaded_docker_images preloaded_spark_versions remote_disk_throughput
		total_initial_remote_disk_size`)
	dashboardFields = strings.Fields(`create_time dashboard_id display_name etag lifecycle_state parent_path path
		serialized_dashboard update_time warehouse_id`)
	displayNameFlag = []string{"auto_resolve_display_name"}
	queryFields     = strings.Fields(`apply_auto_limit catalog description display_name parameters parent_path query_text
		run_as_mode schema tags warehouse_id`)
	alertFields = strings.Fields(`condition custom_body custom_subject display_name notify_on_ok parent_path query_id
		seconds_to_retrigger`)
	alertV2Fields = strings.Fields(`create_time custom_description custom_summary display_name effective_run_as evaluation
		id lifecycle_state owner_user_name parameters parent_path query_text run_as run_as_user_name schedule update_time
		warehouse_id`)
	experimentFields     = strings.Fields(`artifact_location name tags trace_location`)
	workspaceModelFields = strings.Fields(`description name tags`)
	servingFields        = strings.Fields(`ai_gateway budget_policy_id config description email_notifications name
		rate_limits route_optimized tags telemetry_config`)
	vectorSearchFields = strings.Fields(`budget_policy_id endpoint_type name target_qps usage_policy_id`)
	appFields          = strings.Fields(`active_deployment app_status budget_policy_id compute_max_instances
		compute_min_instances compute_size compute_status create_time creator default_git_source
		default_source_code_path description effective_budget_policy_id effective_usage_policy_id
		effective_user_api_scopes forward_user_access_token git_repository git_source id name oauth2_app_client_id
		oauth2_app_integration_id pending_deployment resources service_principal_client_id service_principal_id
		service_principal_name source_code_path space telemetry_export_destinations thumbnail_url update_time updater
		url usage_policy_id user_api_scopes`)
	databaseFields = strings.Fields(`capacity child_instance_refs creation_time creator custom_tags effective_capacity
		effective_custom_tags effective_enable_pg_native_login effective_enable_readable_secondaries
		effective_node_count effective_retention_window_in_days effective_stopped effective_usage_policy_id
		enable_pg_native_login enable_readable_secondaries name node_count parent_instance_ref pg_version read_only_dns
		read_write_dns retention_window_in_days state stopped uid usage_policy_id`)
	repoFields  = strings.Fields(`git_credential_id path provider sparse_checkout url`)
	genieFields = strings.Fields(`description parent_path serialized_space title warehouse_id`)
)
