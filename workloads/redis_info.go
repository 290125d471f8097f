package workloads

import (
	"strconv"
	"strings"
)

// redisInfo is the reply to INFO, field by field.
type redisInfo map[string]string

// parseRedisInfo reads the reply to INFO (https://redis.io/commands/info).
//
//	# Server
//	redis_version:7.0.15
//	# Stats
//	keyspace_hits:1500
func parseRedisInfo(text string) redisInfo {
	info := redisInfo{}
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if ok && !strings.HasPrefix(name, "#") {
			info[name] = value
		}
	}
	return info
}

// number returns a field as a number; 0 when there is none.
func (i redisInfo) number(name string) float64 {
	v, err := strconv.ParseFloat(i[name], 64)
	if err != nil {
		return 0
	}
	return v
}

// redisFacts returns what happened between two replies: which server it was,
// what it holds, and what became of its keys.
func redisFacts(before, after redisInfo) map[string]string {
	grown := func(name string) float64 { return after.number(name) - before.number(name) }
	facts := map[string]string{
		"server.version":      "redis " + after["redis_version"],
		"server.used_memory":  after["used_memory"], // bytes
		"server.evicted_keys": strconv.FormatFloat(grown("evicted_keys"), 'f', -1, 64),
		"server.expired_keys": strconv.FormatFloat(grown("expired_keys"), 'f', -1, 64),
	}
	if v, ok := after["valkey_version"]; ok {
		facts["server.version"] = "valkey " + v
	}
	if hits, gets := grown("keyspace_hits"), grown("keyspace_hits")+grown("keyspace_misses"); gets > 0 {
		facts["server.hit_ratio"] = strconv.FormatFloat(hits/gets, 'f', 6, 64)
	}
	return facts
}
