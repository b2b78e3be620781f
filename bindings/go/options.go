package oktaauth

import "encoding/json"

// Options are the members of okta_auth_open's options. The zero value is a storage in memory.
type Options struct {
	Storage          *Storage `json:"storage,omitempty"`
	Key              string   `json:"key,omitempty"`
	KeyFile          string   `json:"key_file,omitempty"`
	Mounts           []string `json:"mounts,omitempty"`
	CAFile           string   `json:"ca_file,omitempty"`
	CAPEM            string   `json:"ca_pem,omitempty"`
	Proxy            string   `json:"proxy,omitempty"`
	UseEnvProxy      bool     `json:"use_env_proxy,omitempty"`
	ConnectTimeoutMS int      `json:"connect_timeout_ms,omitempty"`
	RequestTimeoutMS int      `json:"request_timeout_ms,omitempty"`
	LoginTimeoutMS   int      `json:"login_timeout_ms,omitempty"`
	DefaultLeaseTTL  string   `json:"default_lease_ttl,omitempty"`
	MaxLeaseTTL      string   `json:"max_lease_ttl,omitempty"`
	Audit            *Audit   `json:"audit,omitempty"`
}

// Audit says where audit lines go besides the function of Client.SetAudit.
type Audit struct {
	// File is the file that lines are added to.
	File string
	// BestEffort lets requests be carried out whose lines cannot be written.
	BestEffort bool
}

// MarshalJSON writes what okta_auth_open takes.
func (a Audit) MarshalJSON() ([]byte, error) {
	members := map[string]any{"required": !a.BestEffort}
	if a.File != "" {
		members["file"] = a.File
	}
	return json.Marshal(members)
}

// Storage says where everything is kept.
type Storage struct {
	// Type is "memory" or "sqlite".
	Type string `json:"type"`
	// Path is the file of a SQLite database.
	Path string `json:"path,omitempty"`
}

// SQLite is a storage in a file.
func SQLite(path string) *Storage {
	return &Storage{Type: "sqlite", Path: path}
}
