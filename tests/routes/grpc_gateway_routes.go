// grpc-gateway's side of routes.test.mjs; see main.cc for what it reads. Tells of every request which of the routes match
// it alone, and which is taken of all.
package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/protoc-gen-grpc-gateway/httprule"
	"github.com/grpc-ecosystem/grpc-gateway/runtime"
)

type match struct {
	Route    int               `json:"route"`
	Bindings map[string]string `json:"bindings"`
}

type answer struct {
	Status  int     `json:"status"`
	Matches []match `json:"matches"`
}

type route struct {
	method  string
	pattern runtime.Pattern
	index   int
}

var taken *match

func handle(mux *runtime.ServeMux, r route) {
	mux.Handle(r.method, r.pattern, func(_ http.ResponseWriter, _ *http.Request, bindings map[string]string) {
		taken = &match{r.index, bindings}
	})
}

func ask(routes []route, method, path string) answer {
	request, err := http.NewRequest(method, "http://localhost"+path, nil)
	if err != nil {
		return answer{Status: 400, Matches: []match{}}
	}
	taken = nil
	all := runtime.NewServeMux()
	for _, r := range routes {
		handle(all, r)
	}
	recorder := httptest.NewRecorder()
	all.ServeHTTP(recorder, request)
	result := answer{Status: recorder.Code, Matches: []match{}}
	if taken == nil {
		return result
	}
	result.Matches = append(result.Matches, *taken)
	for _, r := range routes {
		if r.index == result.Matches[0].Route {
			continue
		}
		taken = nil
		one := runtime.NewServeMux()
		handle(one, r)
		one.ServeHTTP(httptest.NewRecorder(), request)
		if taken != nil {
			result.Matches = append(result.Matches, *taken)
		}
	}
	return result
}

func parse(text string) (pattern runtime.Pattern, err error) {
	compiler, err := httprule.Parse(text)
	if err != nil {
		return pattern, err
	}
	compiled := compiler.Compile()
	return runtime.NewPattern(compiled.Version, compiled.OpCodes, compiled.Pool, compiled.Verb)
}

func main() {
	input := bufio.NewScanner(os.Stdin)
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	encoder := json.NewEncoder(output)
	var routes []route
	count := 0
	for input.Scan() {
		words := strings.SplitN(input.Text(), " ", 3)
		switch words[0] {
		case "set":
			routes, count = nil, 0
		case "route":
			pattern, err := parse(words[2])
			if err != nil {
				encoder.Encode("refused")
			} else {
				routes = append(routes, route{words[1], pattern, count})
				encoder.Encode("ok")
			}
			count++
		default:
			encoder.Encode(ask(routes, words[1], words[2]))
		}
	}
}
