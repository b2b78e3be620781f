//go:build !okta_auth_static

package oktaauth

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// opensAlone is set for this test program when it is started again with another library.
const opensAlone = "OKTA_AUTH_TEST_OPENS_ALONE"

// startedWith runs TestOpenSaysWhatItMet alone with the library of a folder.
func startedWith(t *testing.T, folder string) string {
	t.Helper()
	program := exec.Command(os.Args[0], "-test.run=^TestOpenSaysWhatItMet$")
	program.Env = append(os.Environ(), opensAlone+"=1", "LD_LIBRARY_PATH="+folder)
	printed, _ := program.CombinedOutput()
	return string(printed)
}

func TestOpenSaysWhatItMet(t *testing.T) {
	if os.Getenv(opensAlone) == "" {
		t.Skip("is started by others")
	}
	client, err := Open(nil)
	fmt.Printf("%v %v\n", client, err)
}

// other makes a library of an ABI number, which has further functions by these names, in a folder of its own.
func other(t *testing.T, abi uint32, functions ...string) string {
	t.Helper()
	folder := t.TempDir()
	more := filepath.Join(folder, "more.c")
	code := ""
	for _, name := range functions {
		code += "int " + name + "(void) { __builtin_trap(); }\n"
	}
	must(t, os.WriteFile(more, []byte(code), 0o600))
	library := filepath.Join(folder, "libokta_auth.so.1")
	source := filepath.Join("..", "..", "tests", "cpp", "other_library.c")
	compile := exec.Command("cc", "-shared", "-fPIC", "-Wl,-soname,libokta_auth.so.1", fmt.Sprintf("-DABI=%d", abi), "-o", library, source, more)
	if printed, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, printed)
	}
	return folder
}

func TestALibraryThatDoesNotFitIsAnErrorThatNamesBothVersions(t *testing.T) {
	header, err := os.ReadFile(filepath.Join("..", "..", "include", "okta_auth.h"))
	must(t, err)
	var functions []string
	for _, found := range regexp.MustCompile(`(?m)^int32_t (okta_auth_\w+)\(okta_auth_handle handle,`).FindAllSubmatch(header, -1) {
		functions = append(functions, string(found[1]))
	}
	for abi, why := range map[uint32]string{0: "", headerABIVersion: " with other declarations"} {
		expected := fmt.Sprintf("<nil> oktaauth: the library that was loaded is version 0.0.9 (ABI %d), these bindings were made for version %s (ABI %d)%s\n",
			abi, headerVersion, headerABIVersion, why)
		if printed := startedWith(t, other(t, abi, functions...)); !strings.Contains(printed, expected) {
			t.Error(printed)
		}
	}
	// The loader itself misses a function that is not there.
	if printed := startedWith(t, other(t, 0)); !strings.Contains(printed, "undefined symbol: okta_auth_") {
		t.Error(printed)
	}
}

func TestAMissingOrBrokenLibraryIsNamedBeforeTheProgramStarts(t *testing.T) {
	folder := t.TempDir()
	if known, err := exec.Command("/sbin/ldconfig", "-p").Output(); err == nil && !strings.Contains(string(known), "libokta_auth.so.1") {
		if printed := startedWith(t, folder); !strings.Contains(printed, "libokta_auth.so.1: cannot open shared object file") {
			t.Error(printed)
		}
	}
	must(t, os.WriteFile(filepath.Join(folder, "libokta_auth.so.1"), nil, 0o600))
	if printed := startedWith(t, folder); !strings.Contains(printed, "libokta_auth.so.1: file too short") {
		t.Error(printed)
	}
}
