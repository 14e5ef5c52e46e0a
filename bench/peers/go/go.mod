module list

go 1.25.0

require (
	github.com/IBM/go-sdk-core/v5 v5.22.1
	github.com/IBM/platform-services-go-sdk v0.101.0
)
