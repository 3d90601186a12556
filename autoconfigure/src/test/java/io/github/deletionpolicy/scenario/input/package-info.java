/**
 * Bad, hostile and random input, and the answers to it.
 */
@NullMarked
package io.github.deletionpolicy.scenario.input;

import org.jspecify.annotations.NullMarked;
