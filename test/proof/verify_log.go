// Verifies the logs of an export with the packages by which Go's own toolchain verifies its checksum database, and with
// nothing of ours:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run verify_log.go FOLDER VKEY...
//
// For each log: every checkpoint is signed; the leaves of its bundles give its root, and so do its tiles; each leaf is
// proved to be in it, and each checkpoint to continue the one before. Prints a line for each log.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A log's folder, read as tiles of height 8 (C2SP tlog-tiles).
type folder string

func (f folder) Height() int { return 8 }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		path := strings.Replace(t.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(f), path))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

// The leaves of the first n entries: the length of each in two bytes, then the leaf.
func (f folder) leaves(n int64) [][]byte {
	var all [][]byte
	for at := int64(0); at < n; at += 256 {
		width := min(256, int(n-at))
		path := strings.Replace(tlog.Tile{H: 8, L: 0, N: at / 256, W: width}.Path(), "tile/8/0/", "tile/entries/", 1)
		data := must(os.ReadFile(filepath.Join(string(f), path)))
		for len(data) > 0 {
			length := int(binary.BigEndian.Uint16(data))
			all = append(all, data[2:2+length])
			data = data[2+length:]
		}
	}
	return all
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A checkpoint (C2SP tlog-checkpoint) of a log, if the log signed it.
func checkpoint(message []byte, log string, keys note.Verifiers) tlog.Tree {
	opened := must(note.Open(message, keys))
	lines := strings.Split(opened.Text, "\n")
	if lines[0] != log || opened.Sigs[0].Name != log {
		check(fmt.Errorf("a checkpoint of %s is of %s", log, lines[0]))
	}
	hash := must(base64.StdEncoding.DecodeString(lines[2]))
	return tlog.Tree{N: must(strconv.ParseInt(lines[1], 10, 64)), Hash: tlog.Hash(hash)}
}

func verify(log string, f folder, keys note.Verifiers) {
	notes := must(filepath.Glob(filepath.Join(string(f), "checkpoints", "*")))
	notes = append(notes, filepath.Join(string(f), "checkpoint"))
	var trees []tlog.Tree
	for _, path := range notes {
		trees = append(trees, checkpoint(must(os.ReadFile(path)), log, keys))
	}
	sort.Slice(trees, func(i, j int) bool { return trees[i].N < trees[j].N })
	newest := trees[len(trees)-1]
	leaves := f.leaves(newest.N)
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var some []tlog.Hash
		for _, at := range indexes {
			some = append(some, stored[at])
		}
		return some, nil
	})
	for i, leaf := range leaves {
		stored = append(stored, must(tlog.StoredHashes(int64(i), leaf, reader))...)
	}
	tiles := tlog.TileHashReader(newest, f)
	for i, tree := range trees {
		if must(tlog.TreeHash(tree.N, reader)) != tree.Hash {
			check(fmt.Errorf("the leaves of %s do not give its checkpoint of %d", log, tree.N))
		}
		if i == 0 {
			continue
		}
		before := trees[i-1]
		check(tlog.CheckTree(must(tlog.ProveTree(tree.N, before.N, tiles)), tree.N, tree.Hash, before.N, before.Hash))
	}
	for i, leaf := range leaves {
		proof := must(tlog.ProveRecord(newest.N, int64(i), tiles))
		check(tlog.CheckRecord(proof, newest.N, newest.Hash, int64(i), tlog.RecordHash(leaf)))
	}
	fmt.Printf("%s: %d entries proved, %d checkpoints\n", log, len(leaves), len(trees))
}

func main() {
	var keys []note.Verifier
	for _, vkey := range os.Args[2:] {
		keys = append(keys, must(note.NewVerifier(vkey)))
	}
	for _, key := range keys {
		path := folder(filepath.Join(os.Args[1], filepath.FromSlash(key.Name())))
		if _, err := os.Stat(filepath.Join(string(path), "checkpoint")); err == nil {
			verify(key.Name(), path, note.VerifierList(keys...))
		}
	}
}
