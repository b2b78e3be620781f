package oktaauth

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"oktaauth/internal/loopback"
)

// The chapter is carried out in an empty folder, as somebody does who copies its blocks.
func TestTheChapterDoesWhatItShows(t *testing.T) {
	root := loopback.Root()
	text, err := os.ReadFile(filepath.Join(root, "docs", "go.md"))
	must(t, err)
	chapter := string(text)
	consoles, program := blocks(chapter, "console"), strings.Join(blocks(chapter, "go"), "\n")
	if len(consoles) != 3 || strings.Count(chapter, "\n```")/2 != 3+len(blocks(chapter, "go")) {
		t.Fatal("a block that nothing carries out")
	}
	if consoles[0] != "$ make build\n$ sudo make install && sudo ldconfig\n" {
		t.Errorf("another installation than that of `make test-go`: %s", consoles[0])
	}
	control(t, "/reset", nil, nil)
	withNumber := object{"type": "push", "pushes": []object{{"waiting": 1, "number": 42}}}
	user(t, "fred@acme.com", object{"factors": []object{withNumber}})
	user(t, "wilma@acme.com", push(3_600_000, object{}))

	program = strings.NewReplacer(
		"https://acme.okta.com", okta.URL,
		"00TokenOfAcme", okta.APIToken,
		"oktaauth.Options{", `oktaauth.Options{CAFile: "`+okta.CAFile+`", `,
	).Replace(program)
	folder := t.TempDir()
	must(t, os.WriteFile(filepath.Join(folder, "chapter.go"), []byte(program), 0o600))
	for _, block := range consoles[1:] {
		commands, shown, _ := strings.Cut(block, "\n")
		if strings.HasPrefix(shown, "$ ") {
			commands, shown = block, ""
		}
		commands = strings.ReplaceAll("\n"+commands, "\n$ ", "\n")
		shell := exec.Command("sh", "-ec", strings.ReplaceAll(commands, "$HOME/okta_auth", root))
		shell.Dir = folder
		var trouble strings.Builder
		shell.Stderr = &trouble
		printed, err := shell.Output()
		if err != nil || string(printed) != shown {
			t.Fatalf("%s: %v\n%s\nnot\n%s\n%s", commands, err, printed, shown, &trouble)
		}
	}
}

func TestThePageOnPoliciesAsksAsItSays(t *testing.T) {
	root := loopback.Root()
	text, err := os.ReadFile(filepath.Join(root, "docs", "policies.md"))
	must(t, err)
	found, policy := blocks(string(text), "go"), regexp.MustCompile(`(?s)    path "printers/\+".*?\n\n`).FindString(string(text))
	if len(found) != 1 || policy == "" {
		t.Fatalf("%d blocks, the policy %q", len(found), policy)
	}
	program := `package main

import (
	"context"
	"fmt"
	"os"

	"oktaauth"
)

` + found[0] + `
func main() {
	ctx := context.Background()
	client := must(oktaauth.Open(nil))
	must(client.CreateOrUpdateACLPolicy(ctx, map[string]any{"name": "printing", "policy": os.Args[1]}))
	token := must(must(client.CreateToken(ctx, map[string]any{"policies": "printing"})).Auth()).ClientToken
	for _, printer := range []string{"3", "secret"} {
		fmt.Println(mayPrint(ctx, client, token, printer, "192.0.2.7"))
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
`
	folder := t.TempDir()
	must(t, os.WriteFile(filepath.Join(folder, "main.go"), []byte(program), 0o600))
	shell := exec.Command("sh", "-ec", `go mod init acme.example/printing
		go mod edit -require oktaauth@v0.0.0 -replace "oktaauth=$0/bindings/go"
		go run . "$1"`, root, policy)
	shell.Dir = folder
	var trouble strings.Builder
	shell.Stderr = &trouble
	printed, err := shell.Output()
	lines := strings.Split(string(printed), "\n")
	if err != nil || lines[0] != "<nil>" || !strings.Contains(lines[1], "(rule printers/secret) (code permission_denied)") {
		t.Errorf("%v: %s\n%s", err, printed, &trouble)
	}
}

// blocks are those of a language.
func blocks(chapter, language string) []string {
	var blocks []string
	for _, found := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```").FindAllStringSubmatch(chapter, -1) {
		blocks = append(blocks, found[1])
	}
	return blocks
}
