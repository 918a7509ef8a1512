package cluster

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
)

// children are the running components.
type children struct {
	dir     dir
	binary  string
	died    context.CancelCauseFunc // Called with what is known when a child ends by itself.
	running []*exec.Cmd
	ended   sync.WaitGroup
}

// start runs a component of this binary, with its output in a log file.
func (c *children) start(component string, args ...string) error {
	log, err := os.Create(c.dir.log(component))
	if err != nil {
		return err
	}
	defer log.Close()
	command := exec.Command(c.binary, append([]string{component}, args...)...)
	command.Stdout = log
	command.Stderr = log
	command.Dir = string(c.dir)
	// Nothing of the caller's environment may change how a component behaves: proxies, time zone,
	// a configuration file in the home folder.
	command.Env = []string{"HOME=" + string(c.dir), "PATH=/nonexistent", "TZ=UTC"}
	// The kernel ends the child when the supervisor ends, even by SIGKILL.
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		return fmt.Errorf("start %s: %w", component, err)
	}
	c.running = append(c.running, command)
	c.ended.Go(func() {
		_ = command.Wait() // How it ended is in ProcessState.
		c.died(&childDied{component: component, state: command.ProcessState.String(), log: log.Name()})
	})
	return nil
}

// stop ends every child at once: the state is thrown away, so there is nothing to finish.
func (c *children) stop() {
	for _, command := range c.running {
		_ = command.Process.Kill() // An error means that it has ended already.
	}
	c.ended.Wait()
}

// childDied says which component ended although nobody asked it to.
type childDied struct {
	component string
	state     string
	log       string
}

func (e *childDied) Error() string {
	const lines = 20
	return fmt.Sprintf("%s died (%s); the end of %s:\n%s", e.component, e.state, e.log, tail(e.log, lines))
}

// tail returns the last lines of a file.
func tail(path string, lines int) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimRight(string(content), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
