package io.github.deletionpolicy.clinic;

import org.springframework.data.repository.ListCrudRepository;

interface Vets extends ListCrudRepository<Vet, Integer> {

}
