/**
 * What an operator sees and can do: the endpoint, health, metrics, events, adoption.
 */
@NullMarked
package io.github.deletionpolicy.scenario.operations;

import org.jspecify.annotations.NullMarked;
