package oktaauth

/*
#include <stddef.h>
#include <stdint.h>
*/
import "C"

import (
	"runtime/cgo"
	"unsafe"
)

// In a file of its own, since cgo copies what stands above beside an exported function into two C files. A panic that went
// on into C would end the process.
//
//export oktaAuthGoLog
func oktaAuthGoLog(logger C.uintptr_t, level C.int32_t, record *C.char, length C.size_t) {
	defer func() { _ = recover() }()
	log := cgo.Handle(logger).Value().(func(int, []byte))
	log(int(level), C.GoBytes(unsafe.Pointer(record), C.int(length)))
}

//export oktaAuthGoAudit
func oktaAuthGoAudit(audit C.uintptr_t, line *C.char, length C.size_t) (refused C.int32_t) {
	refused = 1
	defer func() { _ = recover() }()
	take := cgo.Handle(audit).Value().(func([]byte) bool)
	if take(C.GoBytes(unsafe.Pointer(line), C.int(length))) {
		refused = 0
	}
	return refused
}
