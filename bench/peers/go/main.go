// Lists records with IBM's Go SDK, unmodified: its IAM authenticator, its pager, its default without retries.
package main

import (
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/IBM/go-sdk-core/v5/core"
	"github.com/IBM/platform-services-go-sdk/usagereportsv4"
)

func main() {
	url := os.Args[1]
	started := time.Now()
	service, err := usagereportsv4.NewUsageReportsV4(&usagereportsv4.UsageReportsV4Options{
		URL:           url,
		Authenticator: &core.IamAuthenticator{ApiKey: "key", URL: url},
	})
	if err != nil {
		log.Fatal(err)
	}
	options := service.NewGetResourceUsageAccountOptions("3f1c9e5a7b2d4c6088aa51d7e0b49c12", "2026-01")
	options.SetNames(true)
	options.SetTags(true)
	options.SetLimit(200)
	pager, err := service.NewGetResourceUsageAccountPager(options)
	if err != nil {
		log.Fatal(err)
	}
	records, checksum := 0, 0
	for pager.HasNext() {
		page, err := pager.GetNext()
		if err != nil {
			log.Fatal(err)
		}
		for _, record := range page {
			records++
			checksum += len(*record.ResourceInstanceID)
		}
	}
	seconds := time.Since(started).Seconds()
	fmt.Printf("records=%d checksum=%d seconds=%.6f hwm_kb=%s\n", records, checksum, seconds, peak())
}

func peak() string {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		log.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	return strings.Fields(rest)[0]
}
