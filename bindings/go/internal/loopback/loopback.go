// Package loopback starts the Okta on 127.0.0.1 that tests talk to.
package loopback

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Okta is the loopback Okta, a program that ends with the test program.
type Okta struct {
	URL        string `json:"url"`
	CAFile     string `json:"ca_file"`
	ControlURL string `json:"control_url"`
	APIToken   string `json:"api_token"`
}

// While runs something while the program that OKTA_LOOPBACK names runs, or cargo's. It is for TestMain.
func While(run func(*Okta) int) int {
	program := os.Getenv("OKTA_LOOPBACK")
	if program == "" {
		program = filepath.Join(Root(), "target/debug/okta_loopback")
	}
	server := exec.Command(program)
	input, err := server.StdinPipe()
	check(err)
	output, err := server.StdoutPipe()
	check(err)
	check(server.Start())
	okta := &Okta{}
	check(json.NewDecoder(output).Decode(okta))
	defer func() {
		_ = input.Close()
		_ = server.Wait()
	}()
	return run(okta)
}

// Root is the folder of the repository.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "../../../..")
}

// Control asks the loopback something and reads the answer into a value, unless that is nil.
func (okta *Okta) Control(path string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	response, err := http.Post(okta.ControlURL+path, "application/json", bytes.NewReader(text))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %d %s", path, response.StatusCode, answer)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
