// The driver in Go; tests/e2e/README.md says what it reads and prints.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"

	"oktaauth"
)

type method = func(context.Context, any) (*oktaauth.Answer, error)

// methodOf finds the method of an operation: create_token is CreateToken.
func methodOf(client *oktaauth.Client, operation string) method {
	name := ""
	for _, part := range strings.Split(operation, "_") {
		name += strings.ToUpper(part[:1]) + part[1:]
	}
	return reflect.ValueOf(client).MethodByName(name).Interface().(method)
}

// outcome is what C would have returned.
func outcome(answer *oktaauth.Answer, err error) (int, []byte) {
	var failure *oktaauth.Error
	switch {
	case err == nil:
		return answer.Status, answer.Raw
	case errors.As(err, &failure):
		return failure.Status, failure.Raw
	case errors.Is(err, context.Canceled):
		return -9, nil
	default:
		return 1, []byte(err.Error())
	}
}

func main() {
	var client *oktaauth.Client
	var cancel context.CancelFunc
	ended := make(chan int, 1)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fields := strings.SplitN(lines.Text(), "\t", 3)
		status, body := 0, []byte(nil)
		switch fields[0] {
		case "open":
			opened, err := oktaauth.Open(json.RawMessage(fields[1]))
			status, body = outcome(&oktaauth.Answer{Status: 200}, err)
			client = opened
		case "call":
			status, body = outcome(methodOf(client, fields[1])(context.Background(), json.RawMessage(fields[2])))
		case "start":
			var ctx context.Context
			ctx, cancel = context.WithCancel(context.Background())
			go func() {
				status, _ := outcome(methodOf(client, fields[1])(ctx, json.RawMessage(fields[2])))
				ended <- status
			}()
		case "cancel":
			cancel()
			status = <-ended
		case "close":
			status, body = outcome(&oktaauth.Answer{}, client.Close())
		}
		fmt.Printf("%d\t%s\n", status, body)
	}
}
