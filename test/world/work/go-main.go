// SPDX-License-Identifier: Apache-2.0

// The program that the job go builds: goroutines, a server and its clients on the loopback device, and a program that
// is executed.
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
)

func goroutines() int {
	parts := make(chan int)
	var group sync.WaitGroup
	for i := 0; i < 1000; i++ {
		group.Add(1)
		go func(n int) {
			defer group.Done()
			parts <- n
		}(i)
	}
	go func() {
		group.Wait()
		close(parts)
	}()
	sum := 0
	for n := range parts {
		sum += n
	}
	return sum
}

func serve(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			io.Copy(conn, conn)
		}()
	}
}

func echo(text string) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	go serve(listener)
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, text); err != nil {
		return "", err
	}
	reply := make([]byte, len(text))
	_, err = io.ReadFull(conn, reply)
	return string(reply), err
}

func execute() (string, error) {
	command := exec.Command("tr", "a-z", "A-Z")
	command.Stdin = strings.NewReader("executed")
	output, err := command.Output()
	return string(output), err
}

func check(what string, work func() (string, error)) {
	result, err := work()
	if err != nil {
		fmt.Println(what, err)
		os.Exit(1)
	}
	fmt.Println(what, result)
}

func main() {
	fmt.Println("goroutines:", goroutines())
	if len(os.Args) == 1 {
		check("net:", func() (string, error) { return echo("hello there") })
	}
	check("exec:", execute)
}
