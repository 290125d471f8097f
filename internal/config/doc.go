// Package config turns HCL bodies into plain Go structs. It adds to gohcl what
// scenario files need: attributes of the types of package units, checks that
// point at the attribute at fault, and the same struct for HCL and JSON.
package config
